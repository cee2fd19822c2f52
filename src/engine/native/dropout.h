// Dropout masks by counters: drawn anew wherever they are needed, never stored.
#pragma once
#include <cstdint>
#include <cstring>
#include "op.h"
#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace peftlab {

/** Numbers that one drawing yields. */
constexpr int drawn = 128;

/** Which mask: a run's seed and step, the dropout's number within the step, and its rate. */
struct Mask {
  uint32_t seed, step, call;
  /** Of 65536: a draw below it is dropped. */
  uint32_t dropped;
  float scale() const { return 65536.0f / (65536.0f - static_cast<float>(dropped)); }
};

/** The attributes of an op that drops out, and the mask that they and its seed input name. */
struct Dropped {
  explicit Dropped(Attributes& attributes)
      : call(attributes.integer("call")), dropped(attributes.integer("dropped")) {}
  /** @param seed int32 `[2]`, checked by the op */
  Mask mask(const Tensor& seed) const {
    const int32_t* seeds = seed.data<int32_t>();
    return {static_cast<uint32_t>(seeds[0]), static_cast<uint32_t>(seeds[1]),
            static_cast<uint32_t>(call), static_cast<uint32_t>(dropped)};
  }
  const int call, dropped;
};

typedef uint32_t Words __attribute__((vector_size(64)));
typedef uint64_t Wide __attribute__((vector_size(64)));

/** Products of the even lanes' 32 bits with a constant, 64 bits each. */
inline Wide multiplyEven(Wide a, uint32_t factor) {
#if defined(__AVX512F__)
  return reinterpret_cast<Wide>(
      _mm512_mul_epu32(reinterpret_cast<__m512i>(a), _mm512_set1_epi64(factor)));
#elif defined(__AVX2__)
  __m256i halves[2];
  std::memcpy(halves, &a, sizeof halves);
  for (__m256i& half : halves) half = _mm256_mul_epu32(half, _mm256_set1_epi64x(factor));
  std::memcpy(&a, halves, sizeof halves);
  return a;
#else
  return (a & 0xFFFFFFFFu) * factor;
#endif
}

struct Halves {
  Words high, low;
};

inline Halves multiplyWords(Words a, uint32_t factor) {
  const Wide even = multiplyEven(reinterpret_cast<Wide>(a), factor);
  const Wide odd = multiplyEven(reinterpret_cast<Wide>(a) >> 32, factor);
  return {reinterpret_cast<Words>((even >> 32) | (odd & ~uint64_t{0xFFFFFFFFu})),
          reinterpret_cast<Words>((even & 0xFFFFFFFFu) | (odd << 32))};
}

/**
 * Philox 4x32-10 (Salmon et al. 2011) on 16 counters: for the 128 numbers from 128 * `block` on of the part `part`,
 * keep[i] is `scale` or 0.
 */
inline void draw(const Mask& mask, uint32_t part, uint32_t block, float* keep) {
  Words a, b = Words{} + part, c = Words{} + mask.call, d = Words{};
  for (uint32_t i = 0; i < 16; i++) a[i] = 16 * block + i;
  uint32_t key0 = mask.seed, key1 = mask.step;
  for (int round = 0; round < 10; round++) {
    const Halves p = multiplyWords(a, 0xD2511F53u), q = multiplyWords(c, 0xCD9E8D57u);
    a = q.high ^ b ^ key0;
    b = q.low;
    c = p.high ^ d ^ key1;
    d = p.low;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  typedef float Floats __attribute__((vector_size(64)));
  const float scale = mask.scale();
  const Floats kept = Floats{} + scale, none = Floats{};
  const Words* words[] = {&a, &b, &c, &d};
  for (int w = 0; w < 4; w++) {
    const Floats first = (*words[w] & 0xFFFFu) < mask.dropped ? none : kept;
    const Floats second = (*words[w] >> 16) < mask.dropped ? none : kept;
    std::memcpy(keep + 32 * w, &first, sizeof first);
    std::memcpy(keep + 32 * w + 16, &second, sizeof second);
  }
}

/** Numbers that are drawn for a row of `width`. */
inline long drawnFor(long width) { return (width + drawn - 1) / drawn * drawn; }

/** The factors of a row of a matrix, `drawnFor(width)` of them. */
inline void drawRow(const Mask& mask, long row, long width, float* keep) {
  for (long block = 0; block * drawn < width; block++)
    draw(mask, static_cast<uint32_t>(row), static_cast<uint32_t>(block), keep + block * drawn);
}

}  // namespace peftlab
