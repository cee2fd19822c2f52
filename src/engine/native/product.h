// Products of small matrices that lie in the caches; `matmul.cc` makes large ones of these.
#pragma once
#include <cstring>

namespace peftlab {

#if defined(__AVX512F__)
constexpr int lanes = 16;
constexpr int rowsByFour = 6, rowsByTwo = 12, rowsByOne = 14;
#elif defined(__AVX__)
constexpr int lanes = 8;
constexpr int rowsByFour = 2, rowsByTwo = 6, rowsByOne = 8;
#else
constexpr int lanes = 4;
constexpr int rowsByFour = 5, rowsByTwo = 8, rowsByOne = 8;
#endif

typedef float Vector __attribute__((vector_size(4 * lanes)));

inline Vector load(const float* from) {
  Vector vector;
  std::memcpy(&vector, from, sizeof vector);
  return vector;
}

inline void store(float* to, Vector vector) { std::memcpy(to, &vector, sizeof vector); }

/** to = fromᵀ for a matrix of at most 16 rows and of 16 columns; what is missing to 16 columns of `to` is 0. */
inline void transposeTile(const float* from, long fromRow, long rows, float* to, long toRow) {
  typedef float Row __attribute__((vector_size(64)));
  Row a[16], b[16];
  for (long i = 0; i < 16; i++) {
    a[i] = Row{};
    if (i < rows) std::memcpy(&a[i], from + i * fromRow, sizeof(Row));
  }
  // Four rounds of interleaving rows that are eight apart.
  for (int round = 0; round < 4; round++) {
    for (int i = 0; i < 8; i++) {
      b[2 * i] = __builtin_shufflevector(a[i], a[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21,
                                         6, 22, 7, 23);
      b[2 * i + 1] = __builtin_shufflevector(a[i], a[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28,
                                             13, 29, 14, 30, 15, 31);
    }
    for (int i = 0; i < 16; i++) a[i] = b[i];
  }
  for (long i = 0; i < 16; i++) std::memcpy(to + i * toRow, &a[i], sizeof(Row));
}

/** Numbers of a cache line. */
constexpr long step = 16;

/** A matrix operand: element (i, j) is at data[i * row + j * column]. */
struct Strided {
  const float* data;
  long row, column;
};

/**
 * C [Rows, Vectors * lanes] = A B, or A B + `plus`, which lies as C does and may be C. With `Far`, operands lie beyond
 * the caches: what is needed next is asked for early.
 */
template <int Rows, int Vectors, bool Far = false>
inline void tile(long inner, Strided a, const float* b, long bRow, float* c, long cRow,
                 const float* plus) {
  Vector sums[Rows][Vectors];
  for (int r = 0; r < Rows; r++)
    for (int v = 0; v < Vectors; v++)
      sums[r][v] = plus ? load(plus + r * cRow + v * lanes) : Vector{};
  const auto add = [&](long k) {
    Vector row[Vectors];
    for (int v = 0; v < Vectors; v++) row[v] = load(b + k * bRow + v * lanes);
    for (int r = 0; r < Rows; r++) {
      const float factor = a.data[r * a.row + k * a.column];
      for (int v = 0; v < Vectors; v++) sums[r][v] += factor * row[v];
    }
  };
  long k = 0;
  for (; k + step <= inner; k += step) {
    if constexpr (Far) {
      if (a.column == 1)
        for (int r = 0; r < Rows; r++) __builtin_prefetch(a.data + (Rows + r) * a.row + k);
      if (k < Vectors * lanes)
        for (int r = 0; r < Rows; r++) __builtin_prefetch(c + r * cRow + k, 1);
    }
    for (long i = 0; i < step; i++) add(k + i);
  }
  for (; k < inner; k++) add(k);
  for (int r = 0; r < Rows; r++)
    for (int v = 0; v < Vectors; v++) store(c + r * cRow + v * lanes, sums[r][v]);
}

/** Tiles of `Rows` rows, then of half as many and so on. */
template <int Rows, int Vectors>
inline void strip(long rows, long inner, Strided a, const float* b, long bRow, float* c, long cRow,
                  const float* plus) {
  for (; rows >= Rows; rows -= Rows) {
    tile<Rows, Vectors>(inner, a, b, bRow, c, cRow, plus);
    a.data += Rows * a.row;
    c += Rows * cRow;
    if (plus) plus += Rows * cRow;
  }
  if constexpr (Rows > 1)
    if (rows > 0) strip<Rows / 2, Vectors>(rows, inner, a, b, bRow, c, cRow, plus);
}

/** C [rows, columns] = A B, or += with `accumulate`; `columns` is a multiple of 16, B and C are row-major. */
inline void multiply(long rows, long columns, long inner, Strided a, const float* b, long bRow,
                     float* c, long cRow, bool accumulate) {
  long at = 0;
  for (; columns - at >= 4 * lanes; at += 4 * lanes)
    strip<rowsByFour, 4>(rows, inner, a, b + at, bRow, c + at, cRow, accumulate ? c + at : nullptr);
  for (; columns - at >= 2 * lanes; at += 2 * lanes)
    strip<rowsByTwo, 2>(rows, inner, a, b + at, bRow, c + at, cRow, accumulate ? c + at : nullptr);
  for (; columns - at >= lanes; at += lanes)
    strip<rowsByOne, 1>(rows, inner, a, b + at, bRow, c + at, cRow, accumulate ? c + at : nullptr);
}

}  // namespace peftlab
