// Heads of packed rows: where they lie in matrices `[tokens, hidden]`, and their way into the caches and back.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "dropout.h"
#include "parallel.h"
#include "product.h"

namespace peftlab {

/** Queries whose scores are held at once. */
constexpr long block = 64;

inline long padded(long size) { return (size + 15) / 16 * 16; }

/** What both directions know of their inputs. */
struct Problem {
  const int32_t *starts, *lengths;
  long rows, heads, hidden, width, tokens;
  /** Each row's first token alone asks, and the queries are `[rows, hidden]`. */
  bool first;
  Mask mask;
  /** For each token whether it is of a row. */
  std::vector<bool> taken;
  /** Of queries, keys and values, `[hidden]` each. */
  const float *queryBias, *keyBias, *valueBias;

  long queriesOf(long row) const { return first ? 1 : lengths[row]; }
  long queryAt(long row) const { return first ? row : starts[row]; }
};

/** Calls `task(row, head)` for all; a thread takes several heads of a row, which lie side by side in memory. */
template <typename Task>
void overHeads(const Problem& p, const Task& task) {
  const long together = std::min(4L, p.heads), groups = (p.heads + together - 1) / together;
  parallel(static_cast<int>(p.rows * groups), [&](int at) {
    const long first = at % groups * together, end = std::min(p.heads, first + together);
    for (long head = first; head < end; head++) task(at / groups, head);
  });
}

/** Copies a head's columns of some rows, each value as `take(value, column)`; up to `padded(width)` they are 0. */
template <typename Take>
void gather(const float* from, long count, const Problem& p, long head, float* to,
            const Take& take) {
  const long size = padded(p.width);
  for (long i = 0; i < count; i++) {
    const float* row = from + i * p.hidden + head * p.width;
    float* target = to + i * size;
#pragma omp simd
    for (long j = 0; j < p.width; j++) target[j] = take(row[j], j);
#pragma omp simd
    for (long j = p.width; j < size; j++) target[j] = 0;
  }
}

inline void gather(const float* from, long count, const Problem& p, long head, float* to) {
  gather(from, count, p, head, to, [](float value, long) { return value; });
}

/** With a bias added and then scaled. */
inline void gather(const float* from, const float* bias, long count, const Problem& p, long head,
                   float scale, float* to) {
  const float* b = bias + head * p.width;
  gather(from, count, p, head, to, [=](float value, long j) { return scale * (value + b[j]); });
}

/** What was gathered, transposed: `[width, block]`, with 0 beyond `count`. */
inline void transpose(const float* from, long count, const Problem& p, float* to) {
  const long size = padded(p.width);
  for (long i = 0; i < block; i += 16)
    for (long j = 0; j < size; j += 16)
      transposeTile(from + i * size + j, size, std::clamp(count - i, 0L, 16L), to + j * block + i,
                    block);
}

inline void scatter(const float* from, long count, const Problem& p, long head, float scale, float* to) {
  const long size = padded(p.width);
  for (long i = 0; i < count; i++) {
    float* row = to + i * p.hidden + head * p.width;
#pragma omp simd
    for (long j = 0; j < p.width; j++) row[j] = scale * from[i * size + j];
  }
}

/** The masks of the queries from `from` on, a block of them: `[keys, block]`. */
inline void drawBlock(const Problem& p, long row, long head, long from, long keys, float* keep) {
  const uint32_t part = static_cast<uint32_t>(row * p.heads + head);
  const long draws = (keys * block + drawn - 1) / drawn, first = from / block * draws;
  for (long i = 0; i < draws; i++)
    draw(p.mask, part, static_cast<uint32_t>(first + i), keep + i * drawn);
}

/** Adds up the columns of a head's gradients. */
inline void addColumns(const float* from, long count, const Problem& p, long head, float scale, float* to) {
  const long size = padded(p.width);
  float* sum = to + head * p.width;
  for (long first = 0; first < size; first += 16) {
    float columns[16] = {};
    for (long i = 0; i < count; i++)
#pragma omp simd
      for (long j = 0; j < 16; j++) columns[j] += from[i * size + first + j];
    for (long j = 0; j < std::min(16L, p.width - first); j++) sum[first + j] += scale * columns[j];
  }
}

/** Tokens of no row have nothing to attend to, and nobody attends to them: zeros in `out` `[tokens, hidden]`. */
inline void clearRest(const Problem& p, float* out) {
  for (long i = 0; i < p.tokens; i++)
    if (!p.taken[static_cast<size_t>(i)]) std::fill_n(out + i * p.hidden, p.hidden, 0.0f);
}

}  // namespace peftlab
