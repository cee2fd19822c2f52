// Exact GELU (Hendrycks and Gimpel 2016), z Φ(z), and its gradient Φ(z) + z φ(z), of z = x + bias.
#include "kernels.h"
#include "numbers.h"
#include "op.h"
#include "parallel.h"

namespace peftlab {
namespace {

constexpr long grain = 1 << 13;

struct Gelu {
  explicit Gelu(Attributes&) {}
  void compute(Run& run) {
    Tensor input = run.input(0);
    const Tensor offsets = run.input(1);
    if (run.failed()) return;
    const long size = input.size(), width = input.rank() > 0 ? input.dim(-1) : 1;
    const Bias bias(offsets, width);
    if (!run.require(bias.fits, "GELU takes a bias as wide as its input, or none")) return;
    const float* inputs = input.data();
    const Tensor output = run.outputOver(0, 0, std::move(input));
    if (run.failed() || size == 0) return;
    parallelStretches(size / width, stretches(size, grain), 1, [&](int, long begin, long end) {
      const float* b = bias.values;
      for (long row = begin; row < end; row++) {
        const float* x = inputs + row * width;
        float* y = output.data() + row * width;
#pragma omp simd
        for (long i = 0; i < width; i++) {
          const float z = x[i] + b[i];
          y[i] = z * normal(z).distribution;
        }
      }
    });
  }
};

struct GeluGrad {
  explicit GeluGrad(Attributes&) {}
  void compute(Run& run) {
    Tensor gradient = run.input(0);
    const Tensor input = run.input(1), offsets = run.input(2);
    if (!run.require(gradient.size() == input.size(), "GELU's gradient and input differ in size"))
      return;
    const long width = input.rank() > 0 ? input.dim(-1) : 1, rows = input.size() / width;
    const Bias bias(offsets, width);
    if (!run.require(bias.fits, "GELU takes a bias as wide as its input, or none")) return;
    const float* slopes = gradient.data();
    const Tensor output = run.outputOver(0, 0, std::move(gradient)),
                 columns = run.output(1, {width});
    if (run.failed()) return;
    const int count = stretches(input.size(), grain);
    ColumnSums sums(count, width);
    parallelStretches(rows, count, 1, [&](int stretch, long begin, long end) {
      float* sum = sums.of(stretch);
      const float* b = bias.values;
      for (long row = begin; row < end; row++) {
        const float *dy = slopes + row * width, *x = input.data() + row * width;
        float* dx = output.data() + row * width;
#pragma omp simd
        for (long i = 0; i < width; i++) {
          const float z = x[i] + b[i];
          const Normal at = normal(z);
          dx[i] = dy[i] * (at.distribution + z * at.density);
          sum[i] += dx[i];
        }
      }
    });
    sums.write(columns.data());
  }
};

}  // namespace

void addGelu() {
  add<Gelu>({"PeftlabGelu", {"x: float", "bias: float"}, {"y: float"}, {}, {0}});
  add<GeluGrad>({"PeftlabGeluGrad",
                 {"dy: float", "x: float", "bias: float"},
                 {"dx: float", "sums: float"},
                 {},
                 {0, -1}});
}

}  // namespace peftlab
