// Scaled dot-product attention in several heads (Vaswani et al. 2017, equation 1) over packed rows of any length, and
// its gradient. A row and head at a time, so that scores stay in the cache; nothing of their size is kept for the
// gradient, which computes them again from the logarithms of their sums (Dao et al. 2022).
#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "dropout.h"
#include "kernels.h"
#include "numbers.h"
#include "op.h"
#include "parallel.h"
#include "product.h"

namespace peftlab {
namespace {

/** Queries whose scores are held at once. */
constexpr long block = 64;

/** The score of a place without a key: below any other, however far a run has diverged. */
constexpr float noKey = -std::numeric_limits<float>::infinity();

long padded(long size) { return (size + 15) / 16 * 16; }

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

thread_local Workspace workspace;

/** What both directions know of their inputs. */
struct Problem {
  const int32_t *starts, *lengths;
  long rows, heads, hidden, width, tokens;
  /** Each row's first token alone asks, and the queries are `[rows, hidden]`. */
  bool first;
  Mask mask;
  /** For each token whether it is of a row. */
  std::vector<bool> taken;

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

/** Copies a head's columns of some rows, scaled; columns up to `padded(width)` are 0. */
void gather(const float* from, long count, const Problem& p, long head, float scale, float* to) {
  const long size = padded(p.width);
  for (long i = 0; i < count; i++) {
    const float* row = from + i * p.hidden + head * p.width;
    float* target = to + i * size;
#pragma omp simd
    for (long j = 0; j < p.width; j++) target[j] = scale * row[j];
#pragma omp simd
    for (long j = p.width; j < size; j++) target[j] = 0;
  }
}

/** As `gather`, transposed: `[width, keys]`, with 0 up to `padded(count)`. */
void transpose(const float* from, long count, const Problem& p, long head, float* to) {
  const long size = padded(count);
  for (long i = 0; i < count; i += 16)
    for (long j = 0; j < p.width; j += 16)
      transposeTile(from + i * p.hidden + head * p.width + j, p.hidden, std::min(16L, count - i),
                    std::min(16L, p.width - j), to + j * size + i, size);
}

void scatter(const float* from, long count, const Problem& p, long head, float scale, float* to) {
  const long size = padded(p.width);
  for (long i = 0; i < count; i++) {
    float* row = to + i * p.hidden + head * p.width;
#pragma omp simd
    for (long j = 0; j < p.width; j++) row[j] = scale * from[i * size + j];
  }
}

/** The masks of `count` queries from `from` on, `[count, padded(keys)]`. */
void drawBlock(const Problem& p, long row, long head, long from, long count, long keys,
               float* keep) {
  const long size = padded(keys);
  const uint32_t part = static_cast<uint32_t>(row * p.heads + head);
  // Blocks begin at multiples of 64 queries of 16 keys or more, so at multiples of 128 numbers.
  const long begin = from * size / drawn, end = ((from + count) * size + drawn - 1) / drawn;
  for (long at = begin; at < end; at++)
    draw(p.mask, part, static_cast<uint32_t>(at), keep + (at - begin) * drawn);
}

/** Tokens of no row have nothing to attend to, and nobody attends to them: zeros in `out` `[tokens, hidden]`. */
void clearRest(const Problem& p, float* out) {
  for (long i = 0; i < p.tokens; i++)
    if (!p.taken[static_cast<size_t>(i)]) std::fill_n(out + i * p.hidden, p.hidden, 0.0f);
}

struct Scores {
  float largest;
  /** 0, or NaN where a score is NaN or infinite, so that a diverging run is seen. */
  float poison;
};

/** `size` is a multiple of 16. A maximum by `#pragma omp simd` starts at a finite number in clang. */
Scores scan(const float* scores, long size) {
  Vector largest = load(scores), poison = Vector{};
  for (long j = 0; j < size; j += lanes) {
    const Vector next = load(scores + j);
    largest = next > largest ? next : largest;
    poison += 0.0f * next;
  }
  Scores all{largest[0], 0};
  for (int lane = 0; lane < lanes; lane++) {
    all.largest = std::max(all.largest, largest[lane]);
    all.poison += poison[lane];
  }
  return all;
}

void forward(const Problem& p, long row, long head, const float* query, const float* key,
             const float* value, float* out, float* sums) {
  const long keys = p.lengths[row], queries = p.queriesOf(row);
  const long size = padded(p.width), keySize = padded(keys);
  workspace.begin(static_cast<size_t>(2 * keySize * size + 2 * block * size +
                                      2 * (block * keySize + drawn)));
  float* kT = workspace.take(static_cast<size_t>(size * keySize));
  float* v = workspace.take(static_cast<size_t>(keySize * size));
  float* q = workspace.take(static_cast<size_t>(block * size));
  float* mixed = workspace.take(static_cast<size_t>(block * size));
  float* scores = workspace.take(static_cast<size_t>(block * keySize + drawn));
  float* keep = workspace.take(static_cast<size_t>(block * keySize + drawn));
  const long start = p.starts[row];
  transpose(key + start * p.hidden, keys, p, head, kT);
  gather(value + start * p.hidden, keys, p, head, 1, v);
  for (long from = 0; from < queries; from += block) {
    const long count = std::min(block, queries - from), at = p.queryAt(row) + from;
    gather(query + at * p.hidden, count, p, head, 1 / std::sqrt(static_cast<float>(p.width)), q);
    multiply(count, keySize, p.width, {q, size, 1}, kT, keySize, scores, keySize, false);
    if (p.mask.dropped) drawBlock(p, row, head, from, count, keys, keep);
    for (long i = 0; i < count; i++) {
      float* s = scores + i * keySize;
      std::fill(s + keys, s + keySize, s[0]);
      const Scores all = scan(s, keySize);
      std::fill(s + keys, s + keySize, noKey);
      float sum = all.poison;
#pragma omp simd reduction(+ : sum)
      for (long j = 0; j < keySize; j++) {
        s[j] = exponential(s[j] - all.largest);
        sum += s[j];
      }
      const float share = 1 / sum;
      const float* k = keep + i * keySize;
      if (p.mask.dropped)
#pragma omp simd
        for (long j = 0; j < keySize; j++) s[j] *= share * k[j];
      else
#pragma omp simd
        for (long j = 0; j < keySize; j++) s[j] *= share;
      sums[(at + i) * p.heads + head] = all.largest + std::log(sum);
    }
    multiply(count, size, keys, {scores, keySize, 1}, v, size, mixed, size, false);
    scatter(mixed, count, p, head, 1, out + at * p.hidden);
  }
}

struct Gradients {
  float *query, *key, *value;
};

void backward(const Problem& p, long row, long head, const float* gradient, const float* query,
              const float* key, const float* value, const float* out, const float* sums,
              Gradients to) {
  const long keys = p.lengths[row], queries = p.queriesOf(row);
  const long size = padded(p.width), keySize = padded(keys);
  workspace.begin(static_cast<size_t>(5 * keySize * size + 3 * block * size +
                                      3 * (block * keySize + drawn)));
  float* kT = workspace.take(static_cast<size_t>(size * keySize));
  float* vT = workspace.take(static_cast<size_t>(size * keySize));
  float* k = workspace.take(static_cast<size_t>(keySize * size));
  float* dK = workspace.take(static_cast<size_t>(keySize * size));
  float* dV = workspace.take(static_cast<size_t>(keySize * size));
  float* q = workspace.take(static_cast<size_t>(block * size));
  float* d = workspace.take(static_cast<size_t>(block * size));
  float* dQ = workspace.take(static_cast<size_t>(block * size));
  float* weights = workspace.take(static_cast<size_t>(block * keySize + drawn));
  float* slopes = workspace.take(static_cast<size_t>(block * keySize + drawn));
  float* keep = workspace.take(static_cast<size_t>(block * keySize + drawn));
  const long start = p.starts[row];
  const float scale = 1 / std::sqrt(static_cast<float>(p.width));
  transpose(key + start * p.hidden, keys, p, head, kT);
  transpose(value + start * p.hidden, keys, p, head, vT);
  gather(key + start * p.hidden, keys, p, head, 1, k);
  for (long from = 0; from < queries; from += block) {
    const long count = std::min(block, queries - from), at = p.queryAt(row) + from;
    gather(query + at * p.hidden, count, p, head, scale, q);
    gather(gradient + at * p.hidden, count, p, head, 1, d);
    multiply(count, keySize, p.width, {q, size, 1}, kT, keySize, weights, keySize, false);
    multiply(count, keySize, p.width, {d, size, 1}, vT, keySize, slopes, keySize, false);
    if (p.mask.dropped) drawBlock(p, row, head, from, count, keys, keep);
    for (long i = 0; i < count; i++) {
      const float* o = out + (at + i) * p.hidden + head * p.width;
      float inner = 0;
#pragma omp simd reduction(+ : inner)
      for (long j = 0; j < p.width; j++) inner += d[i * size + j] * o[j];
      float *w = weights + i * keySize, *s = slopes + i * keySize;
      const float *m = keep + i * keySize, sum = sums[(at + i) * p.heads + head];
      if (p.mask.dropped)
#pragma omp simd
        for (long j = 0; j < keySize; j++) {
          const float probability = exponential(w[j] - sum);
          w[j] = probability * m[j];
          s[j] = probability * (s[j] * m[j] - inner);
        }
      else
#pragma omp simd
        for (long j = 0; j < keySize; j++) {
          w[j] = exponential(w[j] - sum);
          s[j] = w[j] * (s[j] - inner);
        }
    }
    multiply(count, size, keys, {slopes, keySize, 1}, k, size, dQ, size, false);
    scatter(dQ, count, p, head, scale, to.query + at * p.hidden);
    multiply(keys, size, count, {slopes, 1, keySize}, q, size, dK, size, from > 0);
    multiply(keys, size, count, {weights, 1, keySize}, d, size, dV, size, from > 0);
  }
  scatter(dK, keys, p, head, 1, to.key + start * p.hidden);
  scatter(dV, keys, p, head, 1, to.value + start * p.hidden);
}

struct Settings {
  explicit Settings(Attributes& attributes)
      : heads(attributes.integer("heads")),
        call(attributes.integer("call")),
        dropped(attributes.integer("dropped")) {}

  /** False, with the error set, where the inputs do not fit. */
  bool describe(Run& run, const Tensor& query, const Tensor& key, const Tensor& value,
                const Tensor& starts, const Tensor& lengths, const Tensor& seed, Problem& p) const {
    const char* takes =
        "attention takes queries [tokens or rows, hidden], keys and values [tokens, hidden], "
        "starts and lengths [rows], a seed [2]";
    if (run.failed() ||
        !run.require(query.rank() == 2 && key.rank() == 2 && seed.size() == 2, takes))
      return false;
    const int32_t* seeds = seed.data<int32_t>();
    p = {starts.data<int32_t>(), lengths.data<int32_t>(), starts.size(), heads, query.dim(-1),
         query.dim(-1) / heads, key.dim(0), query.dim(0) != key.dim(0),
         {static_cast<uint32_t>(seeds[0]), static_cast<uint32_t>(seeds[1]),
          static_cast<uint32_t>(call), static_cast<uint32_t>(dropped)},
         std::vector<bool>(static_cast<size_t>(key.dim(0)), false)};
    if (!run.require(p.hidden % heads == 0 && key.dim(-1) == p.hidden &&
                         value.size() == key.size() && lengths.size() == p.rows &&
                         (!p.first || query.dim(0) == p.rows),
                     takes))
      return false;
    for (long row = 0; row < p.rows; row++)
      if (!take(run, row, p)) return false;
    return true;
  }
  const int heads, call, dropped;

 private:
  /** Notes the tokens of a row; false, with the error set, where it can have none of them. */
  static bool take(Run& run, long row, Problem& p) {
    const long start = p.starts[row], length = p.lengths[row];
    bool holds = length > 0 && start >= 0 && start + length <= p.tokens;
    for (long i = start; holds && i < start + length; i++) {
      holds = !p.taken[static_cast<size_t>(i)];
      p.taken[static_cast<size_t>(i)] = true;
    }
    if (holds) return true;
    const std::string text =
        "attention: row " + std::to_string(row) + " has " + std::to_string(length) +
        " tokens from " + std::to_string(start) + " on, of " + std::to_string(p.tokens) +
        "; a row has one token or more, all within the batch and none of another row";
    return run.require(false, text.c_str());
  }
};

struct Attention {
  explicit Attention(Attributes& attributes) : settings(attributes) {}
  void compute(Run& run) {
    const Tensor query = run.input(0), key = run.input(1), value = run.input(2),
                 starts = run.input(3), lengths = run.input(4), seed = run.input(5);
    Problem p;
    if (!settings.describe(run, query, key, value, starts, lengths, seed, p)) return;
    const Tensor out = run.output(0, query.shape()), sums = run.output(1, {query.dim(0), p.heads});
    if (run.failed()) return;
    if (!p.first) clearRest(p, out.data());
    overHeads(p, [&](long row, long head) {
      forward(p, row, head, query.data(), key.data(), value.data(), out.data(), sums.data());
    });
  }
  const Settings settings;
};

struct AttentionGrad {
  explicit AttentionGrad(Attributes& attributes) : settings(attributes) {}
  void compute(Run& run) {
    const Tensor gradient = run.input(0), query = run.input(1), key = run.input(2),
                 value = run.input(3), out = run.input(4), sums = run.input(5),
                 starts = run.input(6), lengths = run.input(7), seed = run.input(8);
    Problem p;
    if (!settings.describe(run, query, key, value, starts, lengths, seed, p)) return;
    const Tensor dQuery = run.output(0, query.shape()), dKey = run.output(1, key.shape()),
                 dValue = run.output(2, value.shape());
    if (run.failed()) return;
    if (!p.first) clearRest(p, dQuery.data());
    clearRest(p, dKey.data());
    clearRest(p, dValue.data());
    overHeads(p, [&](long row, long head) {
      backward(p, row, head, gradient.data(), query.data(), key.data(), value.data(), out.data(),
               sums.data(), {dQuery.data(), dKey.data(), dValue.data()});
    });
  }
  const Settings settings;
};

}  // namespace

void addAttention() {
  add<Attention>({"PeftlabAttention",
                  {"query: float", "key: float", "value: float", "starts: int32",
                   "lengths: int32", "seed: int32"},
                  {"out: float", "sums: float"},
                  {"heads: int", "call: int", "dropped: int"},
                  {0, -1}});
  add<AttentionGrad>({"PeftlabAttentionGrad",
                      {"dout: float", "query: float", "key: float", "value: float", "out: float",
                       "sums: float", "starts: int32", "lengths: int32", "seed: int32"},
                      {"dquery: float", "dkey: float", "dvalue: float"},
                      {"heads: int", "call: int", "dropped: int"},
                      {1, 2, 3}});
}

}  // namespace peftlab
