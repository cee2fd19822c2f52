// Exact GELU (Hendrycks and Gimpel 2016), x Φ(x), and its gradient Φ(x) + x φ(x).
#include "kernels.h"
#include "numbers.h"
#include "op.h"
#include "parallel.h"

namespace peftlab {
namespace {

constexpr long grain = 1 << 13;

template <typename Loop>
void overAll(long size, const Loop& loop) {
  parallelStretches(size, stretches(size, grain), 16,
                    [&](int, long begin, long end) { loop(begin, end); });
}

struct Gelu {
  explicit Gelu(Attributes&) {}
  void compute(Run& run) {
    const Tensor input = run.input(0);
    const Tensor output = run.output(0, input.shape());
    if (run.failed()) return;
    const float* x = input.data();
    float* y = output.data();
    overAll(input.size(), [=](long begin, long end) {
#pragma omp simd
      for (long i = begin; i < end; i++) y[i] = x[i] * normal(x[i]).distribution;
    });
  }
};

struct GeluGrad {
  explicit GeluGrad(Attributes&) {}
  void compute(Run& run) {
    const Tensor gradient = run.input(0), input = run.input(1);
    if (!run.require(gradient.size() == input.size(), "GELU's gradient and input differ in size"))
      return;
    const Tensor output = run.outputOver(0, 0, input.shape());
    if (run.failed()) return;
    const float *dy = gradient.data(), *x = input.data();
    float* dx = output.data();
    overAll(input.size(), [=](long begin, long end) {
#pragma omp simd
      for (long i = begin; i < end; i++) {
        const Normal at = normal(x[i]);
        dx[i] = dy[i] * (at.distribution + x[i] * at.density);
      }
    });
  }
};

}  // namespace

void addGelu() {
  add<Gelu>({"PeftlabGelu", {"x: float"}, {"y: float"}, {}, {0}});
  add<GeluGrad>({"PeftlabGeluGrad", {"dy: float", "x: float"}, {"dx: float"}, {}, {0}});
}

}  // namespace peftlab
