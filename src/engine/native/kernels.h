// Every file of kernels registers its own.
#pragma once

namespace peftlab {

void addAttention();
void addDropout();
void addGelu();
void addLayerNorm();
void addMatMul();
void addOptimizer();

}  // namespace peftlab
