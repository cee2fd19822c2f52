// One AdamW step of all parameters (Loshchilov and Hutter 2019), gradients clipped to a global norm on the way: each
// number is read and written once. Gradients of embeddings come as the rows that were looked up.
//
// Parameters and moments are what ReadVariableOp gives, which is the variables' own memory, and are changed there:
// TensorFlow's library does not export its C functions for variables, and new tensors to assign would double the
// memory. Safe because every other reader of a parameter comes before some gradient, and all gradients before this; a
// gradient that is a parameter's own memory is copied first.
#include <algorithm>
#include <cmath>
#include <map>

#include "kernels.h"
#include "op.h"
#include "parallel.h"
#include "row_gradient.h"

namespace peftlab {
namespace {

/** Numbers that a thread takes at a time. */
constexpr long piece = 1 << 16;

/** Squares that are summed in single precision: of more, the late ones would be rounded away. */
constexpr long summed = 1 << 10;

struct Values {
  const float* data;
  long size;
};

/** Of all values together, by pieces of them that are added up in their order. */
double sumOfSquares(const std::vector<Values>& all) {
  std::vector<Values> pieces;
  for (const Values& values : all)
    for (long begin = 0; begin < values.size; begin += piece)
      pieces.push_back({values.data + begin, std::min(piece, values.size - begin)});
  std::vector<double> sums(pieces.size());
  parallel(static_cast<int>(pieces.size()), [&](int at) {
    const float* data = pieces[static_cast<size_t>(at)].data;
    const long size = pieces[static_cast<size_t>(at)].size;
    double whole = 0;
    for (long begin = 0; begin < size; begin += summed) {
      float sum = 0;
      const long end = std::min(size, begin + summed);
#pragma omp simd reduction(+ : sum)
      for (long i = begin; i < end; i++) sum += data[i] * data[i];
      whole += sum;
    }
    sums[static_cast<size_t>(at)] = whole;
  });
  double sum = 0;
  for (double part : sums) sum += part;
  return sum;
}

/** A parameter with its moments and gradient, and what its group of parameters is set to. */
struct Update {
  float *p, *m, *v;
  const float* gradient;
  const RowGradient* rows;
  long size, width;
  float rate, keep;
};

/** Copies of the gradients that lie in the memory of a parameter, which a step changes. */
std::vector<std::vector<float>> separate(std::vector<Update>& updates) {
  std::map<const float*, long> taken;
  for (const Update& update : updates) taken[update.p] = update.size;
  std::vector<std::vector<float>> copies;
  for (Update& update : updates) {
    if (update.rows) continue;
    const float *begin = update.gradient, *end = begin + update.size;
    const auto next = taken.lower_bound(end);
    if (next == taken.begin()) continue;
    const auto last = std::prev(next);
    if (last->first + last->second <= begin) continue;
    copies.emplace_back(begin, end);
    update.gradient = copies.back().data();
  }
  return copies;
}

/**
 * Inputs: `count` parameters, as many first and second moments, then gradients: of the first `tables` parameters the
 * rows looked up, then their ids. Rates and keeps by group, epsilon: as the fused update of TensorFlow takes them.
 */
struct AdamW {
  explicit AdamW(Attributes& attributes)
      : groups(attributes.integers("groups")),
        tables(attributes.integer("tables")),
        beta1(attributes.real("beta1")),
        beta2(attributes.real("beta2")),
        clip(attributes.real("clip")) {}

  void compute(Run& run) {
    const int count = static_cast<int>(groups.size()), scalars = 4 * count + tables;
    std::vector<Tensor> held;
    std::vector<RowGradient> rowGradients;
    rowGradients.reserve(static_cast<size_t>(tables));
    std::vector<Update> updates;
    const Tensor rates = run.input(scalars), keeps = run.input(scalars + 1),
                 epsilon = run.input(scalars + 2), norm = run.output(0, {});
    if (run.failed()) return;
    std::vector<Values> gradients;
    for (int i = 0; i < count; i++) {
      Tensor p = run.input(i), m = run.input(count + i), v = run.input(2 * count + i),
             gradient = run.input(3 * count + i);
      if (run.failed()) return;
      const long size = p.size(), width = p.rank() > 0 ? p.dim(-1) : 1;
      const int group = groups[static_cast<size_t>(i)];
      Update update{p.data(),        m.data(), v.data(), gradient.data(),     nullptr,
                    size,            width,    rates.data()[group], keeps.data()[group]};
      if (i < tables) {
        const Tensor ids = run.input(4 * count + i);
        if (!run.require(gradient.size() == ids.size() * width, "AdamW: rows and ids differ"))
          return;
        rowGradients.emplace_back(ids, gradient, size / width, width);
        update.rows = &rowGradients.back();
        if (!run.require(update.rows->valid(), "AdamW: an id is beyond its table")) return;
        gradients.push_back({update.rows->sums().data(),
                             static_cast<long>(update.rows->sums().size())});
      } else {
        if (!run.require(gradient.size() == size, "AdamW: a gradient of another size")) return;
        gradients.push_back({gradient.data(), size});
      }
      updates.push_back(update);
      for (Tensor* tensor : {&p, &m, &v, &gradient}) held.push_back(std::move(*tensor));
    }
    const float length = static_cast<float>(std::sqrt(sumOfSquares(gradients)));
    *norm.data() = length;
    // As torch.nn.utils.clip_grad_norm_; a clip of 0 means none, and NaN stays NaN.
    const float ratio = clip / (length + 1e-6f);
    const float factor = clip > 0 && !(ratio > 1) ? ratio : 1;
    const auto copies = separate(updates);
    apply(updates, factor, *epsilon.data());
  }

 private:
  void apply(const std::vector<Update>& updates, float factor, float epsilon) const {
    struct Piece {
      const Update* update;
      long begin, end;
    };
    std::vector<Piece> pieces;
    for (const Update& update : updates) {
      // Whole rows of a table.
      const long step = update.rows ? std::max(1L, piece / update.width) * update.width : piece;
      for (long begin = 0; begin < update.size; begin += step)
        pieces.push_back({&update, begin, std::min(begin + step, update.size)});
    }
    parallel(static_cast<int>(pieces.size()), [&](int at) {
      const auto [update, begin, end] = pieces[static_cast<size_t>(at)];
      if (!update->rows) {
        advance(*update, begin, end, update->gradient + begin, factor, epsilon);
        return;
      }
      const std::vector<float> zeros(static_cast<size_t>(update->width), 0.0f);
      for (long from = begin; from < end; from += update->width) {
        const float* gradient = update->rows->row(from / update->width);
        advance(*update, from, from + update->width, gradient ? gradient : zeros.data(), factor,
                epsilon);
      }
    });
  }

  void advance(const Update& update, long begin, long end, const float* __restrict gradient,
               float factor, float epsilon) const {
    float* __restrict p = update.p + begin;
    float* __restrict m = update.m + begin;
    float* __restrict v = update.v + begin;
    const float b1 = beta1, b2 = beta2, rest1 = 1 - beta1, rest2 = 1 - beta2;
    const float rate = update.rate, keep = update.keep;
    const long count = end - begin;
#pragma omp simd
    for (long i = 0; i < count; i++) {
      const float g = gradient[i] * factor;
      m[i] = b1 * m[i] + rest1 * g;
      v[i] = b2 * v[i] + rest2 * (g * g);
      p[i] = keep * p[i] - rate * m[i] / (std::sqrt(v[i]) + epsilon);
    }
  }

  const std::vector<int> groups;
  const int tables;
  const float beta1, beta2, clip;
};

}  // namespace

void addOptimizer() {
  add<AdamW>({"PeftlabAdamW",
              {"parameters: count * float", "first: count * float",
               "second: count * float", "gradients: count * float", "ids: tables * int32",
               "rates: float", "keeps: float", "epsilon: float"},
              {"norm: float"},
              {"count: int >= 1", "tables: int >= 0", "groups: list(int)", "beta1: float",
               "beta2: float", "clip: float"},
              {-1},
              true});
}

}  // namespace peftlab
