// Scaled dot-product attention in several heads (Vaswani et al. 2017, equation 1) over packed rows of any length, and
// its gradient. A row and head at a time, so that scores stay in the cache; nothing of their size is kept for the
// gradient, which computes them again from the logarithms of their sums (Dao et al. 2022).
#include <algorithm>
#include <cmath>
#include <string>

#include "dropout.h"
#include "kernels.h"
#include "numbers.h"
#include "parallel.h"
#include "product.h"

namespace peftlab {
namespace {

/** Queries whose scores are held at once. */
constexpr long block = 64;

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

/** Copies a head's columns of some rows; columns up to `padded(width)` are 0. */
void gather(const float* from, long count, const Problem& p, long head, float* to) {
  const long size = padded(p.width);
  for (long i = 0; i < count; i++) {
    const float* row = from + i * p.hidden + head * p.width;
    float* target = to + i * size;
#pragma omp simd
    for (long j = 0; j < p.width; j++) target[j] = row[j];
#pragma omp simd
    for (long j = p.width; j < size; j++) target[j] = 0;
  }
}

/** As `gather`, with a bias added and then scaled. */
void gather(const float* from, const float* bias, long count, const Problem& p, long head,
            float scale, float* to) {
  const long size = padded(p.width);
  const float* b = bias + head * p.width;
  for (long i = 0; i < count; i++) {
    const float* row = from + i * p.hidden + head * p.width;
    float* target = to + i * size;
#pragma omp simd
    for (long j = 0; j < p.width; j++) target[j] = scale * (row[j] + b[j]);
#pragma omp simd
    for (long j = p.width; j < size; j++) target[j] = 0;
  }
}

/** What was gathered, transposed: `[width, block]`, with 0 beyond `count`. */
void transpose(const float* from, long count, const Problem& p, float* to) {
  const long size = padded(p.width);
  for (long i = 0; i < block; i += 16)
    for (long j = 0; j < size; j += 16)
      transposeTile(from + i * size + j, size, std::clamp(count - i, 0L, 16L), to + j * block + i,
                    block);
}

void scatter(const float* from, long count, const Problem& p, long head, float scale, float* to) {
  const long size = padded(p.width);
  for (long i = 0; i < count; i++) {
    float* row = to + i * p.hidden + head * p.width;
#pragma omp simd
    for (long j = 0; j < p.width; j++) row[j] = scale * from[i * size + j];
  }
}

/** The masks of the queries from `from` on, a block of them: `[keys, block]`. */
void drawBlock(const Problem& p, long row, long head, long from, long keys, float* keep) {
  const uint32_t part = static_cast<uint32_t>(row * p.heads + head);
  const long draws = (keys * block + drawn - 1) / drawn, first = from / block * draws;
  for (long i = 0; i < draws; i++)
    draw(p.mask, part, static_cast<uint32_t>(first + i), keep + i * drawn);
}

/** Tokens of no row have nothing to attend to, and nobody attends to them: zeros in `out` `[tokens, hidden]`. */
void clearRest(const Problem& p, float* out) {
  for (long i = 0; i < p.tokens; i++)
    if (!p.taken[static_cast<size_t>(i)]) std::fill_n(out + i * p.hidden, p.hidden, 0.0f);
}

// Scores lie transposed, `[keys, block]`: a vector holds queries, so that what is done for each query needs no sums
// or maxima within a vector. Columns beyond the last query are computed along and left out at the end.

/** In place of `scores` the shares, and of each query the logarithm of its scores' sum. */
void softmax(float* scores, long keys, const float* keep, float* logarithms) {
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

void forward(const Problem& p, long row, long head, const float* query, const float* key,
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

/** Adds up the columns of a head's gradients. */
void addColumns(const float* from, long count, const Problem& p, long head, float scale, float* to) {
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

/** In place of `scores` the shares as the values were mixed by, of `slopes` the gradients of the scores. */
void softmaxGradient(float* scores, float* slopes, long keys, const float* keep,
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

void backward(const Problem& p, long row, long head, const float* gradient, const float* query,
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

struct Biases {
  /** @param first the first of three inputs */
  Biases(Run& run, int first, long width)
      : query(run.input(first), width), key(run.input(first + 1), width), value(run.input(first + 2), width) {}
  bool fit() const { return query.fits && key.fits && value.fits; }
  const Bias query, key, value;
};

struct Settings {
  explicit Settings(Attributes& attributes)
      : heads(attributes.integer("heads")), dropped(attributes) {}

  /** False, with the error set, where the inputs do not fit. */
  bool describe(Run& run, const Tensor& query, const Tensor& key, const Tensor& value,
                const Tensor& starts, const Tensor& lengths, const Tensor& seed,
                const Biases& biases, Problem& p) const {
    const char* takes =
        "attention takes queries [tokens or rows, hidden], keys and values [tokens, hidden], "
        "starts and lengths [rows], a seed [2], biases [hidden] or none";
    if (run.failed() ||
        !run.require(query.rank() == 2 && key.rank() == 2 && seed.size() == 2, takes))
      return false;
    p = {starts.data<int32_t>(), lengths.data<int32_t>(), starts.size(), heads, query.dim(-1),
         query.dim(-1) / heads, key.dim(0), query.dim(0) != key.dim(0),
         dropped.mask(seed), std::vector<bool>(static_cast<size_t>(key.dim(0)), false),
         biases.query.values, biases.key.values, biases.value.values};
    if (!run.require(p.hidden % heads == 0 && key.dim(-1) == p.hidden &&
                         value.size() == key.size() && lengths.size() == p.rows &&
                         (!p.first || query.dim(0) == p.rows) && biases.fit(),
                     takes))
      return false;
    for (long row = 0; row < p.rows; row++)
      if (!take(run, row, p)) return false;
    return true;
  }
  const int heads;
  const Dropped dropped;

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
    const Biases biases(run, 6, query.dim(-1));
    Problem p;
    if (!settings.describe(run, query, key, value, starts, lengths, seed, biases, p)) return;
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
    const Biases biases(run, 9, query.dim(-1));
    Problem p;
    if (!settings.describe(run, query, key, value, starts, lengths, seed, biases, p)) return;
    const Tensor dQuery = run.output(0, query.shape()), dKey = run.output(1, key.shape()),
                 dValue = run.output(2, value.shape());
    const Tensor sumsOut[] = {run.output(3, {p.hidden}), run.output(4, {p.hidden}),
                              run.output(5, {p.hidden})};
    if (run.failed()) return;
    const int rows = static_cast<int>(p.rows);
    ColumnSums queries(rows, p.hidden), keys(rows, p.hidden), values(rows, p.hidden);
    if (!p.first) clearRest(p, dQuery.data());
    clearRest(p, dKey.data());
    clearRest(p, dValue.data());
    overHeads(p, [&](long row, long head) {
      backward(p, row, head, gradient.data(), query.data(), key.data(), value.data(), out.data(),
               sums.data(), {dQuery.data(), dKey.data(), dValue.data(), queries.of(0), keys.of(0), values.of(0)});
    });
    queries.write(sumsOut[0].data());
    keys.write(sumsOut[1].data());
    values.write(sumsOut[2].data());
  }
  const Settings settings;
};

}  // namespace

void addAttention() {
  add<Attention>({"PeftlabAttention",
                  {"query: float", "key: float", "value: float", "starts: int32",
                   "lengths: int32", "seed: int32", "querybias: float", "keybias: float",
                   "valuebias: float"},
                  {"out: float", "sums: float"},
                  {"heads: int", "call: int", "dropped: int"},
                  {0, -1}});
  add<AttentionGrad>({"PeftlabAttentionGrad",
                      {"dout: float", "query: float", "key: float", "value: float", "out: float",
                       "sums: float", "starts: int32", "lengths: int32", "seed: int32",
                       "querybias: float", "keybias: float", "valuebias: float"},
                      {"dquery: float", "dkey: float", "dvalue: float", "querysums: float",
                       "keysums: float", "valuesums: float"},
                      {"heads: int", "call: int", "dropped: int"},
                      {1, 2, 3, -1, -1, -1}});
}

}  // namespace peftlab
