// Scaled dot-product attention of one row and head (Vaswani et al. 2017, equation 1) and its gradient. Scores stay in
// the cache; nothing of their size is kept for the gradient, which computes them again from the logarithms of their
// sums (Dao et al. 2022).
#pragma once
#include <cmath>

#include "heads.h"
#include "numbers.h"
#include "workspace.h"

namespace peftlab {

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

/**
 * What both directions compute scores with: keys and values of a row and head, `[keys, size]`; of a block of queries
 * these, scaled, `[block, size]`, the same transposed, and scores and masks `[keys, block]`.
 */
struct Scoring {
  float *k, *v, *q, *qT, *scores, *keep;
};

/** @param more numbers that the caller takes of the workspace besides */
inline Scoring beginScoring(const Problem& p, long row, long head, const float* key,
                            const float* value, long more) {
  const long keys = p.lengths[row], size = padded(p.width), start = p.starts[row] * p.hidden;
  workspace.begin(2 * keys * size + 2 * block * size + 2 * keys * block + drawn + more);
  const Scoring s{workspace.take(keys * size),  workspace.take(keys * size),
                  workspace.take(block * size), workspace.take(size * block),
                  workspace.take(keys * block), workspace.take(keys * block + drawn)};
  gather(key + start, p.keyBias, keys, p, head, 1, s.k);
  gather(value + start, p.valueBias, keys, p, head, 1, s.v);
  return s;
}

inline float scaleOf(const Problem& p) { return 1 / std::sqrt(static_cast<float>(p.width)); }

/** Scores of a row's queries from `from` on; gives the masks of their shares, or null where nothing is dropped. */
inline const float* score(const Problem& p, long row, long head, long from, long count,
                          const float* query, const Scoring& s) {
  gather(query + (p.queryAt(row) + from) * p.hidden, p.queryBias, count, p, head, scaleOf(p), s.q);
  transpose(s.q, count, p, s.qT);
  multiply(p.lengths[row], block, p.width, {s.k, padded(p.width), 1}, s.qT, block, s.scores, block,
           false);
  if (!p.mask.dropped) return nullptr;
  drawBlock(p, row, head, from, p.lengths[row], s.keep);
  return s.keep;
}

inline void forward(const Problem& p, long row, long head, const float* query, const float* key,
                    const float* value, float* out, float* sums) {
  const long keys = p.lengths[row], queries = p.queriesOf(row), size = padded(p.width);
  const Scoring s = beginScoring(p, row, head, key, value, block * size);
  float* mixed = workspace.take(block * size);
  for (long from = 0; from < queries; from += block) {
    const long count = std::min(block, queries - from), at = p.queryAt(row) + from;
    const float* keep = score(p, row, head, from, count, query, s);
    float logarithms[block];
    softmax(s.scores, keys, keep, logarithms);
    for (long i = 0; i < count; i++) sums[(at + i) * p.heads + head] = logarithms[i];
    multiply(count, size, keys, {s.scores, 1, block}, s.v, size, mixed, size, false);
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

inline void backward(const Problem& p, long row, long head, const float* gradient,
                     const float* query, const float* key, const float* value, const float* out,
                     const float* sums, Gradients to) {
  const long keys = p.lengths[row], queries = p.queriesOf(row), size = padded(p.width);
  const Scoring s = beginScoring(p, row, head, key, value,
                                 2 * keys * size + 3 * block * size + keys * block);
  float* dK = workspace.take(keys * size);
  float* dV = workspace.take(keys * size);
  float* d = workspace.take(block * size);
  float* dT = workspace.take(size * block);
  float* dQ = workspace.take(block * size);
  float* slopes = workspace.take(keys * block);
  const long start = p.starts[row];
  for (long from = 0; from < queries; from += block) {
    const long count = std::min(block, queries - from), at = p.queryAt(row) + from;
    const float* keep = score(p, row, head, from, count, query, s);
    gather(gradient + at * p.hidden, count, p, head, d);
    transpose(d, count, p, dT);
    multiply(keys, block, p.width, {s.v, size, 1}, dT, block, slopes, block, false);
    float logarithms[block] = {}, inner[block] = {};
    for (long i = 0; i < count; i++) {
      logarithms[i] = sums[(at + i) * p.heads + head];
      const float* o = out + (at + i) * p.hidden + head * p.width;
      float sum = 0;
#pragma omp simd reduction(+ : sum)
      for (long j = 0; j < p.width; j++) sum += d[i * size + j] * o[j];
      inner[i] = sum;
    }
    softmaxGradient(s.scores, slopes, keys, keep, logarithms, inner);
    multiply(count, size, keys, {slopes, 1, block}, s.k, size, dQ, size, false);
    scatter(dQ, count, p, head, scaleOf(p), to.query + at * p.hidden);
    addColumns(dQ, count, p, head, scaleOf(p), to.queries + row * p.hidden);
    multiply(keys, size, count, {slopes, block, 1}, s.q, size, dK, size, from > 0);
    multiply(keys, size, count, {s.scores, block, 1}, d, size, dV, size, from > 0);
  }
  scatter(dK, keys, p, head, 1, to.key + start * p.hidden);
  scatter(dV, keys, p, head, 1, to.value + start * p.hidden);
  addColumns(dK, keys, p, head, 1, to.keys + row * p.hidden);
  addColumns(dV, keys, p, head, 1, to.values + row * p.hidden);
}

}  // namespace peftlab
