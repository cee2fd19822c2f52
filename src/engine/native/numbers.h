// Arithmetic that the kernels share, written so that compilers turn loops over it into vector instructions.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

namespace peftlab {

inline float fromBits(int32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline int32_t toBits(float value) {
  int32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

/**
 * e^x within 2 units in the last place for x in [-87, 88]; about 1e-38 below, and NaN for NaN. By x = k ln 2 + r and
 * the Taylor polynomial of e^r, |r| <= ln 2 / 2.
 */
inline float exponential(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  const float k = std::rint(x * 1.44269504088896341f);
  // ln 2 in two parts, so that k ln 2 is exact enough.
  const float r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
  float p = 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r * r + r + 1.0f;
  return fromBits(toBits(p) + (static_cast<int32_t>(k) << 23));
}

/** The standard normal distribution function and density. */
struct Normal {
  float distribution;
  float density;
};

/** Within 2e-7: Abramowitz and Stegun 1964, formula 7.1.26. */
inline Normal normal(float x) {
  const float z = std::fabs(x) * 0.70710678118654752f;
  const float t = 1.0f / (1.0f + 0.3275911f * z);
  const float bell = exponential(-z * z);
  const float tail =
      0.5f * bell * t *
      (0.254829592f +
       t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
  return {x < 0 ? tail : 1.0f - tail, 0.39894228040143268f * bell};
}

}  // namespace peftlab
