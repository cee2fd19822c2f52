// Scaled dot-product attention of one row and head (Vaswani et al. 2017, equation 1) and its gradient. Scores stay in
// the cache; nothing of their size is kept for the gradient, which computes them again from the logarithms of their
// sums (Dao et al. 2022).
#pragma once
#include <cmath>

#include "heads.h"
#include "numbers.h"

namespace peftlab {

/** Memory of a thread, grown as needed and kept. */
class Workspace {
 public:
  void begin(size_t size) {
    if (memory_.size() < size + 16) memory_.resize(size + 16);
    const auto at = reinterpret_cast<uintptr_t>(memory_.data());
    next_ = memory_.data() + ((at + 63) / 64 * 64 - at) / sizeof(float);
  }
  float* take(size_t size) {
    float* taken = next_;
    next_ += (size + 15) / 16 * 16;
    return taken;
  }

 private:
  std::vector<float> memory_;
  float* next_ = nullptr;
};

inline thread_local Workspace workspace;

// Scores lie transposed, `[keys, block]`: a vector holds queries, so that what is done for each query needs no sums
// or maxima within a vector. Columns beyond the last query are computed along and left out at the end.

/** In place of `scores` the shares, and of each query the logarithm of its scores' sum. */
inline void softmax(float* scores, long keys, const float* keep, float* logarithms) {
  float largest[block], sum[block], share[block];
  std::copy_n(scores, block, largest);
  std::fill_n(sum, block, 0.0f);
  for (long j = 0; j < keys; j++)
#pragma omp simd
    for (long i = 0; i < block; i++) {
      const float score = scores[j * block + i];
      largest[i] = score > largest[i] ? score : largest[i];
      // Nothing, or NaN where a score is NaN or infinite, so that a diverging run is seen.
      sum[i] += 0.0f * score;
    }
  for (long j = 0; j < keys; j++)
#pragma omp simd
    for (long i = 0; i < block; i++) {
      const float e = exponential(scores[j * block + i] - largest[i]);
      scores[j * block + i] = e;
      sum[i] += e;
    }
  for (long i = 0; i < block; i++) {
    share[i] = 1 / sum[i];
    logarithms[i] = largest[i] + std::log(sum[i]);
  }
  for (long j = 0; j < keys; j++)
    if (keep)
#pragma omp simd
      for (long i = 0; i < block; i++) scores[j * block + i] *= share[i] * keep[j * block + i];
    else
#pragma omp simd
      for (long i = 0; i < block; i++) scores[j * block + i] *= share[i];
}

inline void forward(const Problem& p, long row, long head, const float* query, const float* key,
             const float* value, float* out, float* sums) {
  const long keys = p.lengths[row], queries = p.queriesOf(row), size = padded(p.width);
  workspace.begin(static_cast<size_t>(2 * keys * size + 3 * block * size + 2 * keys * block + drawn));
  float* k = workspace.take(static_cast<size_t>(keys * size));
  float* v = workspace.take(static_cast<size_t>(keys * size));
  float* q = workspace.take(static_cast<size_t>(block * size));
  float* qT = workspace.take(static_cast<size_t>(size * block));
  float* mixed = workspace.take(static_cast<size_t>(block * size));
  float* scores = workspace.take(static_cast<size_t>(keys * block));
  float* keep = workspace.take(static_cast<size_t>(keys * block + drawn));
  const long start = p.starts[row];
  const float scale = 1 / std::sqrt(static_cast<float>(p.width));
  gather(key + start * p.hidden, p.keyBias, keys, p, head, 1, k);
  gather(value + start * p.hidden, p.valueBias, keys, p, head, 1, v);
  for (long from = 0; from < queries; from += block) {
    const long count = std::min(block, queries - from), at = p.queryAt(row) + from;
    gather(query + at * p.hidden, p.queryBias, count, p, head, scale, q);
    transpose(q, count, p, qT);
    multiply(keys, block, p.width, {k, size, 1}, qT, block, scores, block, false);
    if (p.mask.dropped) drawBlock(p, row, head, from, keys, keep);
    float logarithms[block];
    softmax(scores, keys, p.mask.dropped ? keep : nullptr, logarithms);
    for (long i = 0; i < count; i++) sums[(at + i) * p.heads + head] = logarithms[i];
    multiply(count, size, keys, {scores, 1, block}, v, size, mixed, size, false);
    scatter(mixed, count, p, head, 1, out + at * p.hidden);
  }
}

struct Gradients {
  float *query, *key, *value;
  /** Sums over each row's tokens, `[rows, hidden]`. */
  float *queries, *keys, *values;
};

/** In place of `scores` the shares as the values were mixed by, of `slopes` the gradients of the scores. */
inline void softmaxGradient(float* scores, float* slopes, long keys, const float* keep,
                     const float* logarithms, const float* inner) {
  for (long j = 0; j < keys; j++) {
    float *w = scores + j * block, *s = slopes + j * block;
    if (keep) {
      const float* m = keep + j * block;
#pragma omp simd
      for (long i = 0; i < block; i++) {
        const float share = exponential(w[i] - logarithms[i]);
        w[i] = share * m[i];
        s[i] = share * (s[i] * m[i] - inner[i]);
      }
    } else {
#pragma omp simd
      for (long i = 0; i < block; i++) {
        w[i] = exponential(w[i] - logarithms[i]);
        s[i] = w[i] * (s[i] - inner[i]);
      }
    }
  }
}

inline void backward(const Problem& p, long row, long head, const float* gradient, const float* query,
              const float* key, const float* value, const float* out, const float* sums,
              Gradients to) {
  const long keys = p.lengths[row], queries = p.queriesOf(row), size = padded(p.width);
  workspace.begin(static_cast<size_t>(4 * keys * size + 5 * block * size + 3 * keys * block + drawn));
  float* k = workspace.take(static_cast<size_t>(keys * size));
  float* v = workspace.take(static_cast<size_t>(keys * size));
  float* dK = workspace.take(static_cast<size_t>(keys * size));
  float* dV = workspace.take(static_cast<size_t>(keys * size));
  float* q = workspace.take(static_cast<size_t>(block * size));
  float* qT = workspace.take(static_cast<size_t>(size * block));
  float* d = workspace.take(static_cast<size_t>(block * size));
  float* dT = workspace.take(static_cast<size_t>(size * block));
  float* dQ = workspace.take(static_cast<size_t>(block * size));
  float* scores = workspace.take(static_cast<size_t>(keys * block));
  float* slopes = workspace.take(static_cast<size_t>(keys * block));
  float* keep = workspace.take(static_cast<size_t>(keys * block + drawn));
  const long start = p.starts[row];
  const float scale = 1 / std::sqrt(static_cast<float>(p.width));
  gather(key + start * p.hidden, p.keyBias, keys, p, head, 1, k);
  gather(value + start * p.hidden, p.valueBias, keys, p, head, 1, v);
  for (long from = 0; from < queries; from += block) {
    const long count = std::min(block, queries - from), at = p.queryAt(row) + from;
    gather(query + at * p.hidden, p.queryBias, count, p, head, scale, q);
    transpose(q, count, p, qT);
    gather(gradient + at * p.hidden, count, p, head, d);
    transpose(d, count, p, dT);
    multiply(keys, block, p.width, {k, size, 1}, qT, block, scores, block, false);
    multiply(keys, block, p.width, {v, size, 1}, dT, block, slopes, block, false);
    if (p.mask.dropped) drawBlock(p, row, head, from, keys, keep);
    float logarithms[block] = {}, inner[block] = {};
    for (long i = 0; i < count; i++) {
      logarithms[i] = sums[(at + i) * p.heads + head];
      const float* o = out + (at + i) * p.hidden + head * p.width;
      float sum = 0;
#pragma omp simd reduction(+ : sum)
      for (long j = 0; j < p.width; j++) sum += d[i * size + j] * o[j];
      inner[i] = sum;
    }
    softmaxGradient(scores, slopes, keys, p.mask.dropped ? keep : nullptr, logarithms, inner);
    multiply(count, size, keys, {slopes, 1, block}, k, size, dQ, size, false);
    scatter(dQ, count, p, head, scale, to.query + at * p.hidden);
    addColumns(dQ, count, p, head, scale, to.queries + row * p.hidden);
    multiply(keys, size, count, {slopes, block, 1}, q, size, dK, size, from > 0);
    multiply(keys, size, count, {scores, block, 1}, d, size, dV, size, from > 0);
  }
  scatter(dK, keys, p, head, 1, to.key + start * p.hidden);
  scatter(dV, keys, p, head, 1, to.value + start * p.hidden);
  addColumns(dK, keys, p, head, 1, to.keys + row * p.hidden);
  addColumns(dV, keys, p, head, 1, to.values + row * p.hidden);
}

}  // namespace peftlab
