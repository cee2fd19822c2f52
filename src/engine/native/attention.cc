// Attention in several heads over packed rows of any length, and its gradient, as ops.
#include "attention.h"

#include <string>

#include "kernels.h"

namespace peftlab {
namespace {

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
