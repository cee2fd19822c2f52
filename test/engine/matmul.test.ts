import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { describe, expect, test } from "vitest";
import { tf } from "../../src/engine";
import { execute } from "../../src/engine/execute";
import { nothing } from "../../src/engine/ops/kernels";
import { stream } from "./small";

const next = stream(11);
const random = (rows: number, columns: number) =>
  tf.tensor2d(
    Float32Array.from({ length: rows * columns }, () => next() - 0.5),
    [rows, columns],
  );

interface Sizes {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** The largest difference between the kernel's product and one made in double precision. */
function error({ rows, inner, columns }: Sizes, transposeA: boolean, transposeB: boolean) {
  return tf.tidy(() => {
    const a = transposeA ? random(inner, rows) : random(rows, inner);
    const b = transposeB ? random(columns, inner) : random(inner, columns);
    const [x, y] = [a.dataSync(), b.dataSync()];
    return [nothing(), random(rows, columns)].map((plus) => {
      const added = plus.dataSync();
      const product = execute(
        "PeftlabMatMul",
        { transpose_a: transposeA, transpose_b: transposeB },
        [a, b, plus],
      );
      expect(product.shape).toEqual([rows, columns]);
      const values = product.dataSync();
      let largest = 0;
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) {
          let sum = added[i * columns + j] ?? 0;
          for (let k = 0; k < inner; k++)
            sum +=
              x[transposeA ? k * rows + i : i * inner + k]! *
              y[transposeB ? j * inner + k : k * columns + j]!;
          largest = Math.max(largest, Math.abs(sum - values[i * columns + j]!));
        }
      return largest;
    });
  });
}

describe("a product, with and without something added", () => {
  // Around the sizes of tiles, panels and their depth.
  const sizes: readonly Sizes[] = [
    ...[1, 2, 5, 6, 7, 13, 31].map((rows) => ({ rows, inner: 17, columns: 70 })),
    ...[1, 8, 15, 16, 17, 33, 48, 63, 64, 65, 129].map((columns) => ({
      rows: 20,
      inner: 31,
      columns,
    })),
    ...[1, 2, 15, 16, 511, 512, 513, 1030].map((inner) => ({ rows: 9, inner, columns: 37 })),
    { rows: 301, inner: 130, columns: 150 },
    { rows: 70, inner: 600, columns: 330 },
  ];
  for (const transposeA of [false, true])
    for (const transposeB of [false, true])
      test(`A${transposeA ? "ᵀ" : ""} B${transposeB ? "ᵀ" : ""}`, () => {
        for (const size of sizes)
          for (const largest of error(size, transposeA, transposeB))
            expect(largest, JSON.stringify(size)).toBeLessThan(1e-6 * Math.sqrt(size.inner) + 3e-7);
      });
});

test("a row's product is the same in whatever company", () => {
  tf.tidy(() => {
    const [a, b] = [random(500, 390), random(390, 200)];
    const multiply = (a: Tensor) =>
      execute("PeftlabMatMul", { transpose_a: false, transpose_b: false }, [a, b, nothing()]);
    const all = multiply(a);
    for (const [from, count] of [
      [0, 1],
      [7, 5],
      [499, 1],
      [13, 300],
    ] as const)
      expect(multiply(tf.slice(a, [from, 0], [count, 390])).dataSync()).toEqual(
        tf.slice(all, [from, 0], [count, 200]).dataSync(),
      );
  });
});

test("NaN and infinity stay where they belong", () => {
  tf.tidy(() => {
    const a = tf.tensor2d([1, Number.NaN, 2, 3, 4, Number.POSITIVE_INFINITY], [3, 2]);
    const product = execute("PeftlabMatMul", { transpose_a: false, transpose_b: false }, [
      a,
      tf.ones([2, 3]),
      nothing(),
    ]);
    expect(product.arraySync()).toEqual([
      [Number.NaN, Number.NaN, Number.NaN],
      [5, 5, 5],
      [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ]);
  });
});

test("what does not fit together is refused", () => {
  const multiply = (a: number[], b: number[], plus: number[]) =>
    tf.tidy(() => {
      const inputs = [tf.ones(a), tf.ones(b), tf.ones(plus)];
      return execute("PeftlabMatMul", { transpose_a: false, transpose_b: false }, inputs);
    });
  expect(() => multiply([2, 3], [2, 3], [0])).toThrow("inner dimensions differ");
  expect(() => multiply([2, 3, 1], [3, 2], [0])).toThrow("takes matrices");
  expect(() => multiply([2, 3], [3, 4], [4])).toThrow("adds its own shape");
  expect(() => multiply([2, 0], [0, 4], [0])).toThrow("something to sum");
});
