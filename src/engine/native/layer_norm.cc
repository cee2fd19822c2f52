// Layer normalisation (Ba, Kiros and Hinton 2016) of dropout(x + bias) + residual, in one pass over the rows.
#include <cmath>

#include "dropout.h"
#include "kernels.h"
#include "parallel.h"

namespace peftlab {
namespace {

constexpr long grain = 16;

struct LayerNorm {
  explicit LayerNorm(Attributes& attributes)
      : dropped(attributes), epsilon(attributes.real("epsilon")) {}
  void compute(Run& run) {
    const Tensor input = run.input(0), residual = run.input(1), gammas = run.input(2),
                 betas = run.input(3), seed = run.input(4), offsets = run.input(5);
    if (run.failed()) return;
    const long width = input.dim(-1), rows = input.size() / width;
    const Bias bias(offsets, width);
    if (!run.require(residual.size() == input.size() && gammas.size() == width &&
                         betas.size() == width && seed.size() == 2 && bias.fits,
                     "layer norm takes x and residual alike, gamma, beta and bias [width], seed [2]"))
      return;
    const Tensor output = run.output(0, input.shape()), normed = run.output(1, input.shape()),
                 scales = run.output(2, {rows});
    if (run.failed()) return;
    const Mask mask = dropped.mask(seed);
    const float *gamma = gammas.data(), *beta = betas.data(), *b = bias.values;
    parallelStretches(rows, stretches(rows, grain), 1, [&](int, long begin, long end) {
      std::vector<float> keep(static_cast<size_t>(drawnFor(width)));
      const float* k = keep.data();
      for (long row = begin; row < end; row++) {
        const float *x = input.data() + row * width, *r = residual.data() + row * width;
        float *y = output.data() + row * width, *n = normed.data() + row * width;
        if (mask.dropped) {
          drawRow(mask, row, width, keep.data());
#pragma omp simd
          for (long i = 0; i < width; i++) n[i] = (x[i] + b[i]) * k[i] + r[i];
        } else {
#pragma omp simd
          for (long i = 0; i < width; i++) n[i] = x[i] + b[i] + r[i];
        }
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (long i = 0; i < width; i++) sum += n[i];
        const float mean = sum / static_cast<float>(width);
        float squares = 0;
#pragma omp simd reduction(+ : squares)
        for (long i = 0; i < width; i++) squares += (n[i] - mean) * (n[i] - mean);
        const float scale = 1.0f / std::sqrt(squares / static_cast<float>(width) + epsilon);
        scales.data()[row] = scale;
#pragma omp simd
        for (long i = 0; i < width; i++) {
          n[i] = (n[i] - mean) * scale;
          y[i] = n[i] * gamma[i] + beta[i];
        }
      }
    });
  }
  const Dropped dropped;
  const float epsilon;
};

struct LayerNormGrad {
  explicit LayerNormGrad(Attributes& attributes) : dropped(attributes) {}
  void compute(Run& run) {
    Tensor gradient = run.input(0);
    const Tensor normed = run.input(1), scales = run.input(2), gammas = run.input(3),
                 seed = run.input(4);
    if (run.failed()) return;
    const long width = gammas.size(), rows = scales.size();
    if (!run.require(gradient.size() == rows * width && normed.size() == rows * width &&
                         seed.size() == 2,
                     "layer norm's gradient takes dy and normalised [rows, width], scale [rows]"))
      return;
    const Mask mask = dropped.mask(seed);
    const Shape shape = gradient.shape();
    const float* slopes = gradient.data();
    const Tensor sumGradient = run.outputOver(0, 0, std::move(gradient));
    // Without dropout x and residual have the same gradient.
    const Tensor inputGradient = run.output(1, mask.dropped ? shape : Shape{0});
    const Tensor gammaGradient = run.output(2, {width}), betaGradient = run.output(3, {width}),
                 inputSums = run.output(4, {width});
    if (run.failed()) return;
    const float* gamma = gammas.data();
    const int count = stretches(rows, grain);
    ColumnSums gammaSums(count, width), betaSums(count, width), columnSums(count, width);
    parallelStretches(rows, count, 1, [&](int stretch, long begin, long end) {
      std::vector<float> keep(static_cast<size_t>(drawnFor(width)));
      const float* k = keep.data();
      float *dGamma = gammaSums.of(stretch), *dBeta = betaSums.of(stretch),
            *sum = columnSums.of(stretch);
      for (long row = begin; row < end; row++) {
        const float *dy = slopes + row * width, *n = normed.data() + row * width;
        float* dSum = sumGradient.data() + row * width;
        float inner = 0, projection = 0;
#pragma omp simd reduction(+ : inner, projection)
        for (long i = 0; i < width; i++) {
          const float g = dy[i] * gamma[i];
          dGamma[i] += dy[i] * n[i];
          dBeta[i] += dy[i];
          inner += g;
          projection += g * n[i];
        }
        inner /= static_cast<float>(width);
        projection /= static_cast<float>(width);
        const float scale = scales.data()[row];
#pragma omp simd
        for (long i = 0; i < width; i++)
          dSum[i] = (dy[i] * gamma[i] - inner - n[i] * projection) * scale;
        if (!mask.dropped) {
#pragma omp simd
          for (long i = 0; i < width; i++) sum[i] += dSum[i];
          continue;
        }
        float* dx = inputGradient.data() + row * width;
        drawRow(mask, row, width, keep.data());
#pragma omp simd
        for (long i = 0; i < width; i++) {
          dx[i] = dSum[i] * k[i];
          sum[i] += dx[i];
        }
      }
    });
    gammaSums.write(gammaGradient.data());
    betaSums.write(betaGradient.data());
    columnSums.write(inputSums.data());
  }
  const Dropped dropped;
};

}  // namespace

void addLayerNorm() {
  add<LayerNorm>({"PeftlabLayerNorm",
                  {"x: float", "residual: float", "gamma: float", "beta: float", "seed: int32",
                   "bias: float"},
                  {"y: float", "normalised: float", "scale: float"},
                  {"epsilon: float", "call: int", "dropped: int"},
                  {0, 0, -1}});
  add<LayerNormGrad>({"PeftlabLayerNormGrad",
                      {"dy: float", "normalised: float", "scale: float", "gamma: float",
                       "seed: int32"},
                      {"dresidual: float", "dx: float", "dgamma: float", "dbeta: float",
                       "sums: float"},
                      {"call: int", "dropped: int"},
                      {0, -1, 3, 3, 3}});
}

}  // namespace peftlab
