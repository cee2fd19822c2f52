#pragma once
#include <cstdint>
#include <vector>

namespace peftlab {

/** Memory of a thread, grown as needed and kept. */
class Workspace {
 public:
  void begin(long size) {
    const size_t needed = static_cast<size_t>(size + 16);
    if (memory_.size() < needed) memory_.resize(needed);
    const auto at = reinterpret_cast<uintptr_t>(memory_.data());
    next_ = memory_.data() + ((at + 63) / 64 * 64 - at) / sizeof(float);
  }
  float* take(long size) {
    float* taken = next_;
    next_ += (size + 15) / 16 * 16;
    return taken;
  }

 private:
  std::vector<float> memory_;
  float* next_ = nullptr;
};

inline thread_local Workspace workspace;

}  // namespace peftlab
