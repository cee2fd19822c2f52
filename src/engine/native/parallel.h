// Threads for the kernels: TensorFlow's C interface does not lend its own.
#pragma once
#include <functional>
#include <vector>

namespace peftlab {

/** Threads that share a kernel's work, the calling one included: TF_NUM_INTRAOP_THREADS, or every core. */
int threads();

/** Runs `task(0)` to `task(count - 1)`, spread over the threads, each taking the next when it is free. */
void parallel(int count, const std::function<void(int)>& task);

/**
 * Splits [0, size) into one stretch a thread, where `grain` or more are worth a thread. The split depends on nothing but
 * the arguments and the number of threads, so sums over stretches are repeatable.
 */
int stretches(long size, long grain);

/** Runs `task(stretch, begin, end)` for each of `count` stretches; borders are multiples of `multiple`. */
template <typename Task>
void parallelStretches(long size, int count, long multiple, const Task& task) {
  const long units = (size + multiple - 1) / multiple;
  parallel(count, [&](int stretch) {
    const long begin = units * stretch / count * multiple;
    const long end = units * (stretch + 1) / count * multiple;
    task(stretch, begin, end < size ? end : size);
  });
}

/** Sums of columns of a matrix that stretches of its rows add to, each in memory of its own. */
class ColumnSums {
 public:
  ColumnSums(int stretches, long width)
      : stretches_(stretches), width_(width), sums_(static_cast<size_t>(stretches * width), 0.0f) {}
  float* of(int stretch) { return &sums_[static_cast<size_t>(stretch * width_)]; }
  /** Adds up the stretches, in their order. */
  void write(float* to) const {
    for (long i = 0; i < width_; i++) {
      float sum = 0;
      for (int stretch = 0; stretch < stretches_; stretch++)
        sum += sums_[static_cast<size_t>(stretch * width_ + i)];
      to[i] = sum;
    }
  }

 private:
  const int stretches_;
  const long width_;
  std::vector<float> sums_;
};

}  // namespace peftlab
