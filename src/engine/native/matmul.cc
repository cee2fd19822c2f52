// Products of large matrices (Goto and van de Geijn 2008): panels of B are copied together, and A where it is read by
// columns. An element is summed in the order of `inner`, whatever the number of threads and the other rows.
#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels.h"
#include "op.h"
#include "parallel.h"
#include "product.h"

namespace peftlab {
namespace {

// A tile of sums fills the registers; AVX has half as many of them.
constexpr int tileVectors = lanes == 8 ? 2 : 4, tileRows = lanes == 8 ? rowsByTwo : rowsByFour;
constexpr long tileWidth = tileVectors * lanes;
/** Columns that are multiplied while rows of A are in the first cache: tiles side by side. */
constexpr long panelWidth = 64;
static_assert(panelWidth % tileWidth == 0, "whole tiles");
/** Most rows of a panel: it stays in the second cache beside what a tile reads of A. */
constexpr long deepest = 512;
/** Multiplications that are worth a thread. */
constexpr long grain = 1 << 20;

/** `rows` columns of a matrix of `depth` rows, in groups of `tileRows` and a smaller last one: what a tile reads in order. */
void packColumns(const float* from, long stride, long rows, long depth, float* to) {
  for (long k = 0; k < depth; k += 16)
    for (long first = 0; first < rows; first += tileRows) {
      const long count = std::min<long>(tileRows, rows - first);
      const float* source = from + first + k * stride;
      float* target = to + first * depth + k * count;
      for (long left = std::min<long>(16, depth - k); left > 0; left--) {
        if (count == tileRows)
          std::memcpy(target, source, tileRows * sizeof(float));
        else
          std::memcpy(target, source, static_cast<size_t>(count) * sizeof(float));
        source += stride;
        target += count;
      }
    }
}

/** `depth` rows of `width` columns of B, a tile's columns after another's; what is missing of the last tile is 0. */
void packPanel(Strided b, long depth, long width, float* to) {
  for (long at = 0; at < width; at += tileWidth, to += depth * tileWidth) {
    const long columns = std::min(tileWidth, width - at);
    const float* from = b.data + at * b.column;
    if (b.column == 1) {
      for (long k = 0; k < depth; k++) {
        const float* row = from + k * b.row;
        float* packed = to + k * tileWidth;
        for (long line = 0; line < tileWidth; line += step)
          __builtin_prefetch(row + 16 * b.row + line);
        if (columns == tileWidth) {
          for (int v = 0; v < tileVectors; v++) store(packed + v * lanes, load(row + v * lanes));
        } else {
          std::copy_n(row, columns, packed);
          std::fill(packed + columns, packed + tileWidth, 0.0f);
        }
      }
      continue;
    }
    for (long n = 0; n < tileWidth; n += 16) {
      const long left = std::min<long>(16, columns - n), whole = left < 16 ? 0 : depth / 16 * 16;
      for (long k = 0; k < whole; k += 16)
        transposeTile(from + n * b.column + k, b.column, 16, to + k * tileWidth + n, tileWidth);
      for (long k = whole; k < depth; k++)
        for (long i = 0; i < 16; i++)
          to[k * tileWidth + n + i] = i < left ? from[(n + i) * b.column + k] : 0.0f;
    }
  }
}

/** C [Rows, width] = A B of a panel, or A B + `plus`, which lies as C does; the width is in whole vectors. */
template <int Rows>
void multiplyRows(long depth, Strided a, const float* panel, long width, float* c, long cRow,
                  const float* plus) {
  const auto sum = [&](auto multiply) {
    multiply(depth, a, panel, tileWidth, c, cRow, plus);
    panel += depth * tileWidth;
    c += tileWidth;
    if (plus) plus += tileWidth;
  };
  for (; width >= tileWidth; width -= tileWidth) sum(tile<Rows, tileVectors, true>);
  if (width == lanes) sum(tile<Rows, 1, true>);
  if (width == 2 * lanes) sum(tile<Rows, 2, true>);
  if (width == 3 * lanes) sum(tile<Rows, 3, true>);
}

/** The same of more rows; A is by rows, or by columns as `packColumns` leaves it. */
template <int Rows = tileRows>
void multiplyPanel(long rows, long depth, Strided a, const float* panel, long width, float* c,
                   long cRow, const float* plus) {
  const bool wholeGroups = Rows == tileRows && a.column != 1;
  for (; rows >= Rows; rows -= Rows) {
    multiplyRows<Rows>(depth, a, panel, width, c, cRow, plus);
    a.data += Rows * (wholeGroups ? depth : a.row);
    c += Rows * cRow;
    if (plus) plus += Rows * cRow;
  }
  if (wholeGroups) a.column = rows;
  if constexpr (Rows > 1)
    if (rows > 0) multiplyPanel<Rows / 2>(rows, depth, a, panel, width, c, cRow, plus);
}

/** Memory of a thread that its products use again, aligned for vectors. */
struct Scratch {
  float* of(long size) {
    const size_t wanted = static_cast<size_t>(size) + 16;
    if (values.size() < wanted) values.resize(wanted);
    return reinterpret_cast<float*>((reinterpret_cast<uintptr_t>(values.data()) + 63) / 64 * 64);
  }
  std::vector<float> values;
};

/** C [rows, columns] = A B, or A B + `plus`, for a part of C. */
void multiplyPart(long rows, long columns, long inner, Strided a, Strided b, const float* plus,
                  float* c, long cRow) {
  static thread_local Scratch panels, blocks, edges;
  const long chunks = (inner + deepest - 1) / deepest;
  const long edge = columns % panelWidth, whole = columns - edge;
  const long edgeWidth = (edge + lanes - 1) / lanes * lanes;
  // The last columns are summed beside C where they are no whole vectors.
  const bool beside = edge != edgeWidth;
  float* const panel = panels.of(deepest * panelWidth);
  float* const sums = beside ? edges.of(rows * edgeWidth) : c + whole;
  const long sumsRow = beside ? edgeWidth : cRow;
  if (beside && plus)
    for (long row = 0; row < rows; row++)
      std::copy_n(plus + row * cRow + whole, edge, sums + row * sumsRow);
  for (long chunk = 0; chunk < chunks; chunk++) {
    const long first = inner * chunk / chunks, depth = inner * (chunk + 1) / chunks - first;
    Strided block{a.data + first * a.column, a.row, a.column};
    if (a.column != 1) {
      float* packed = blocks.of(rows * depth);
      packColumns(block.data, a.column, rows, depth, packed);
      block = {packed, 1, tileRows};
    }
    for (long at = 0; at < columns; at += panelWidth) {
      packPanel({b.data + first * b.row + at * b.column, b.row, b.column}, depth,
                std::min(panelWidth, columns - at), panel);
      if (at < whole) {
        const float* already = chunk > 0 ? c + at : plus ? plus + at : nullptr;
        multiplyPanel(rows, depth, block, panel, panelWidth, c + at, cRow, already);
      } else {
        const float* already = chunk > 0 || (beside && plus) ? sums : plus ? plus + at : nullptr;
        multiplyPanel(rows, depth, block, panel, edgeWidth, sums, sumsRow, already);
      }
    }
  }
  if (beside)
    for (long row = 0; row < rows; row++)
      std::memcpy(c + row * cRow + whole, sums + row * sumsRow,
                  static_cast<size_t>(edge) * sizeof(float));
}

/** A grid of parts of C, a part a thread, whose borders are those of tiles. */
struct Grid {
  Grid(long rows, long columns, bool packsA, int threads)
      : tiles((rows + tileRows - 1) / tileRows), panels((columns + panelWidth - 1) / panelWidth) {
    // To copy a number takes a thread about as long as this many multiplications.
    constexpr long copy = 32;
    long least = 0;
    for (int across = 1; across <= threads; across++) {
      if (threads % across != 0) continue;
      const int down = threads / across;
      const long height = (tiles + down - 1) / down * tileRows;
      const long width = (panels + across - 1) / across * panelWidth;
      const long cost = (height + copy) * width + (packsA ? copy * height : 0);
      if (least > 0 && cost >= least) continue;
      least = cost;
      this->down = down;
      this->across = across;
    }
  }
  const long tiles, panels;
  int down = 1, across = 1;
};

void multiplyAll(long rows, long columns, long inner, Strided a, Strided b, const float* plus,
                 float* c) {
  if (rows == 0 || columns == 0) return;
  const Grid grid(rows, columns, a.column != 1, stretches(rows * columns * inner, grain));
  parallel(grid.down * grid.across, [&](int part) {
    const long y = part / grid.across, x = part % grid.across;
    const long top = grid.tiles * y / grid.down * tileRows;
    const long bottom = std::min(rows, grid.tiles * (y + 1) / grid.down * tileRows);
    const long left = grid.panels * x / grid.across * panelWidth;
    const long right = std::min(columns, grid.panels * (x + 1) / grid.across * panelWidth);
    if (top < bottom && left < right)
      multiplyPart(bottom - top, right - left, inner, {a.data + top * a.row, a.row, a.column},
                   {b.data + left * b.column, b.row, b.column},
                   plus ? plus + top * columns + left : nullptr, c + top * columns + left, columns);
  });
}

/** A B, each read as its transpose where the attribute says so, and what is added to it, or nothing: `[0]`. */
struct MatMul {
  explicit MatMul(Attributes& attributes)
      : transposeA(attributes.boolean("transpose_a")),
        transposeB(attributes.boolean("transpose_b")) {}

  void compute(Run& run) {
    const Tensor a = run.input(0), b = run.input(1);
    Tensor plus = run.input(2);
    if (run.failed() || !run.require(a.rank() == 2 && b.rank() == 2, "MatMul takes matrices"))
      return;
    const long rows = a.dim(transposeA), inner = a.dim(!transposeA), columns = b.dim(!transposeB);
    if (!run.require(inner == b.dim(transposeB), "MatMul's inner dimensions differ")) return;
    const bool adds = plus.size() > 0;
    if (!run.require(!adds || plus.shape() == Shape{rows, columns}, "MatMul adds its own shape"))
      return;
    if (!run.require(inner > 0, "MatMul takes matrices with something to sum")) return;
    const float* added = adds ? plus.data() : nullptr;
    const Tensor product =
        adds ? run.outputOver(0, 2, std::move(plus)) : run.output(0, {rows, columns});
    if (run.failed()) return;
    multiplyAll(rows, columns, inner,
                transposeA ? Strided{a.data(), 1, rows} : Strided{a.data(), inner, 1},
                transposeB ? Strided{b.data(), 1, inner} : Strided{b.data(), columns, 1},
                added, product.data());
  }

 private:
  const bool transposeA, transposeB;
};

}  // namespace

void addMatMul() {
  add<MatMul>({"PeftlabMatMul",
               {"a: float", "b: float", "plus: float"},
               {"product: float"},
               {"transpose_a: bool", "transpose_b: bool"},
               {-1}});
}

}  // namespace peftlab
