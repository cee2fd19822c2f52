// Exact GELU (Hendrycks and Gimpel 2016), x Φ(x), and its gradient Φ(x) + x φ(x).
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
    const Tensor input = run.input(0);
    const Tensor output = run.output(0, input.shape());
    if (run.failed()) return;
    const float* x = input.data();
    float* y = output.data();
    const long size = input.size();
    parallelStretches(size, stretches(size, grain), 16, [=](int, long begin, long end) {
#pragma omp simd
      for (long i = begin; i < end; i++) y[i] = x[i] * normal(x[i]).distribution;
    });
  }
};

struct GeluGrad {
  explicit GeluGrad(Attributes&) {}
  void compute(Run& run) {
    Tensor gradient = run.input(0);
    const Tensor input = run.input(1);
    if (!run.require(gradient.size() == input.size(), "GELU's gradient and input differ in size"))
      return;
    const long width = input.rank() > 0 ? input.dim(-1) : 1, rows = input.size() / width;
    const float* slopes = gradient.data();
    const Tensor output = run.outputOver(0, 0, std::move(gradient)),
                 columns = run.output(1, {width});
    if (run.failed()) return;
    const int count = stretches(input.size(), grain);
    ColumnSums sums(count, width);
    parallelStretches(rows, count, 1, [&](int stretch, long begin, long end) {
      float* sum = sums.of(stretch);
      for (long row = begin; row < end; row++) {
        const float *dy = slopes + row * width, *x = input.data() + row * width;
        float* dx = output.data() + row * width;
#pragma omp simd
        for (long i = 0; i < width; i++) {
          const Normal at = normal(x[i]);
          dx[i] = dy[i] * (at.distribution + x[i] * at.density);
          sum[i] += dx[i];
        }
      }
    });
    sums.write(columns.data());
  }
};

}  // namespace

void addGelu() {
  add<Gelu>({"PeftlabGelu", {"x: float"}, {"y: float"}, {}, {0}});
  add<GeluGrad>({"PeftlabGeluGrad", {"dy: float", "x: float"}, {"dx: float", "sums: float"}, {}, {0, -1}});
}

}  // namespace peftlab
