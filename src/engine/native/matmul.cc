// Products of large matrices, shared out to threads. An element is summed in the order of `inner`, whatever the number of
// threads and the other rows.
#include <algorithm>
#include <cstring>

#include "kernels.h"
#include "op.h"
#include "panels.h"
#include "parallel.h"
#include "workspace.h"

namespace peftlab {
namespace {

/** Multiplications that are worth a thread. */
constexpr long grain = 1 << 20;

/** C [rows, columns] = A B, or A B + `plus`, for a part of C. */
void multiplyPart(long rows, long columns, long inner, Strided a, Strided b, const float* plus,
                  float* c, long cRow) {
  const long chunks = (inner + deepest - 1) / deepest, most = (inner + chunks - 1) / chunks;
  const long edge = columns % panelWidth, whole = columns - edge;
  const long edgeWidth = (edge + lanes - 1) / lanes * lanes;
  // The last columns are summed beside C where they are no whole vectors.
  const bool beside = edge != edgeWidth;
  const long ofA = a.column == 1 ? 0 : rows * most, besideC = beside ? rows * edgeWidth : 0;
  workspace.begin(most * panelWidth + ofA + besideC + 32);
  float* const panel = workspace.take(most * panelWidth);
  float* const packed = workspace.take(ofA);
  float* const sums = beside ? workspace.take(besideC) : c + whole;
  const long sumsRow = beside ? edgeWidth : cRow;
  if (beside && plus)
    for (long row = 0; row < rows; row++)
      std::copy_n(plus + row * cRow + whole, edge, sums + row * sumsRow);
  for (long chunk = 0; chunk < chunks; chunk++) {
    const long first = inner * chunk / chunks, depth = inner * (chunk + 1) / chunks - first;
    Strided block{a.data + first * a.column, a.row, a.column};
    if (a.column != 1) {
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
