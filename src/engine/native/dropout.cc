// Inverted dropout. The gradient is the same op on the gradient.
#include "dropout.h"

#include "kernels.h"
#include "parallel.h"

namespace peftlab {
namespace {

struct Dropout {
  explicit Dropout(Attributes& attributes) : dropped(attributes) {}
  void compute(Run& run) {
    Tensor input = run.input(0);
    const Tensor seed = run.input(1);
    if (!run.require(seed.size() == 2, "dropout takes a seed of two integers")) return;
    const long size = input.size(), width = input.rank() > 0 ? input.dim(-1) : 1;
    const float* values = input.data();
    const Tensor output = run.outputOver(0, 0, std::move(input));
    if (run.failed()) return;
    const Mask mask = dropped.mask(seed);
    if (size == 0) return;
    const long rows = size / width;
    parallelStretches(rows, stretches(size, 1 << 14), 1, [&](int, long begin, long end) {
      std::vector<float> factors(static_cast<size_t>(drawnFor(width)));
      const float* keep = factors.data();
      for (long row = begin; row < end; row++) {
        drawRow(mask, row, width, factors.data());
        const float* x = values + row * width;
        float* y = output.data() + row * width;
#pragma omp simd
        for (long i = 0; i < width; i++) y[i] = x[i] * keep[i];
      }
    });
  }
  const Dropped dropped;
};

}  // namespace

void addDropout() {
  add<Dropout>({"PeftlabDropout",
                {"x: float", "seed: int32"},
                {"y: float"},
                {"call: int", "dropped: int"},
                {0}});
}

}  // namespace peftlab
