// Gradients of tables of embeddings, of which a batch looks up a few rows.
#pragma once
#include <vector>

#include "op.h"
#include "parallel.h"

namespace peftlab {

/** The gradient of a table of rows, zero but for those that a batch looked up. */
class RowGradient {
 public:
  RowGradient(const Tensor& ids, const Tensor& values, long entries, long width)
      : slots_(static_cast<size_t>(entries), -1), width_(width) {
    const int32_t* id = ids.data<int32_t>();
    const long count = ids.size();
    std::vector<int> slotOf(static_cast<size_t>(count));
    for (long i = 0; i < count; i++) {
      valid_ = valid_ && id[i] >= 0 && id[i] < entries;
      if (!valid_) return;
      int& slot = slots_[static_cast<size_t>(id[i])];
      if (slot < 0) slot = rows_++;
      slotOf[static_cast<size_t>(i)] = slot;
    }
    sums_.assign(static_cast<size_t>(rows_ * width), 0.0f);
    // Columns are shared out, so that each sum is made in the order of the tokens.
    parallelStretches(width, threads(), 16, [&](int, long begin, long end) {
      for (long i = 0; i < count; i++) {
        float* sum = &sums_[static_cast<size_t>(slotOf[static_cast<size_t>(i)]) * width];
        const float* value = values.data() + i * width;
#pragma omp simd
        for (long j = begin; j < end; j++) sum[j] += value[j];
      }
    });
  }
  bool valid() const { return valid_; }
  const std::vector<float>& sums() const { return sums_; }
  /** The gradient of an entry, or null where it is zero. */
  const float* row(long entry) const {
    const int slot = slots_[static_cast<size_t>(entry)];
    return slot < 0 ? nullptr : &sums_[static_cast<size_t>(slot) * width_];
  }

 private:
  std::vector<int> slots_;
  std::vector<float> sums_;
  long width_;
  int rows_ = 0;
  bool valid_ = true;
};

}  // namespace peftlab
