// Panels of a large product (Goto and van de Geijn 2008): what tiles side by side read of B, copied together, and blocks
// of A where it is read by columns.
#pragma once
#include <algorithm>
#include <cstring>

#include "product.h"

namespace peftlab {

// A tile of sums fills the registers; AVX has half as many of them.
constexpr int tileVectors = lanes == 8 ? 2 : 4, tileRows = lanes == 8 ? rowsByTwo : rowsByFour;
constexpr long tileWidth = tileVectors * lanes;
/** Columns that are multiplied while rows of A are in the first cache: tiles side by side. */
constexpr long panelWidth = 64;
static_assert(panelWidth % tileWidth == 0, "whole tiles");
/** Most rows of a panel: it stays in the second cache beside what a tile reads of A. */
constexpr long deepest = 512;
/** `rows` columns of a matrix of `depth` rows, in groups of `tileRows` and a smaller last one: what a tile reads in order. */
inline void packColumns(const float* from, long stride, long rows, long depth, float* to) {
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
inline void packPanel(Strided b, long depth, long width, float* to) {
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
inline void multiplyRows(long depth, Strided a, const float* panel, long width, float* c, long cRow,
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
inline void multiplyPanel(long rows, long depth, Strided a, const float* panel, long width, float* c,
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

}  // namespace peftlab
