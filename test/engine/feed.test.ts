import { expect, test } from "vitest";
import { checkFeed } from "../../src/engine/feed";
import type { TensorSpec } from "../../src/engine/types";

const specs = {
  ids: { shape: ["tokens"], dtype: "int32" },
  features: { shape: ["rows", 2], dtype: "float32" },
  labels: { shape: ["rows"], dtype: "int32" },
  grid: { shape: ["rows", 3, "tokens"], dtype: "float32" },
} as const satisfies Record<string, TensorSpec>;
const feed = {
  ids: new Int32Array(5),
  features: new Float32Array(8),
  labels: new Int32Array(4),
  grid: new Float32Array(60),
};

test("a feed tells its sizes", () => {
  const shapes = Object.entries(checkFeed(specs, feed)).map(([name, { shape }]) => [name, shape]);
  expect(Object.fromEntries(shapes)).toEqual({
    ids: [5],
    features: [4, 2],
    labels: [4],
    grid: [4, 3, 5],
  });
});

test("inputs that disagree are named, with who said otherwise", () => {
  expect(() => checkFeed(specs, { ...feed, labels: new Int32Array(3) })).toThrow(
    "The input labels takes values of the shape [rows], and features has 4 rows; got 3.",
  );
  expect(() => checkFeed(specs, { ...feed, grid: new Float32Array(61) })).toThrow(
    "shape [rows,3,tokens], and features has 4 rows, ids has 5 tokens; got 61.",
  );
  expect(() => checkFeed(specs, { ...feed, features: new Float32Array(7) })).toThrow(
    "The input features takes values of the shape [rows,2]; got 7.",
  );
});

test("a shape that values alone do not tell is refused", () => {
  const { grid } = specs;
  expect(() => checkFeed({ grid }, { grid: feed.grid })).toThrow(
    /grid.*\[rows\] or \[tokens\] before/,
  );
});
