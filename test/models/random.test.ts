import { expect, test } from "vitest";
import { normalValues, seededRandom } from "../../src/models";

const draws = (
  seed: number,
  purpose: string,
  count: number,
  kind: "uniform" | "normal" = "uniform",
) => {
  const random = seededRandom(seed, purpose);
  return Array.from({ length: count }, () => random[kind]());
};

// sfc32 on the first 16 bytes of SHA-256, computed in Python.
test("the same seed and purpose give the same numbers for ever: runs are named by their seeds", () => {
  expect(draws(1, "classifier.weight", 3)).toEqual([
    0.6450394906569272, 0.5002861025277525, 0.05957858101464808,
  ]);
});

test("another seed or another purpose gives other numbers", () => {
  const first = draws(1, "classifier.weight", 1)[0];
  expect(draws(2, "classifier.weight", 1)[0]).not.toBe(first);
  expect(draws(1, "classifier.bias", 1)[0]).not.toBe(first);
});

test("uniform draws fill [0, 1) evenly", () => {
  const values = draws(3, "u", 20_000);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...values)).toBeLessThan(1);
  const bins = new Array(20).fill(0);
  for (const value of values) bins[Math.floor(20 * value)]++;
  const chiSquare = bins.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
  // 0.999 quantile with 19 degrees of freedom.
  expect(chiSquare).toBeLessThan(43.8);
});

test("normal draws have the moments of a standard normal", () => {
  const n = 20_000;
  const values = draws(4, "n", n, "normal");
  const moment = (power: number) => values.reduce((sum, x) => sum + x ** power, 0) / n;
  // Four standard errors each.
  expect(Math.abs(moment(1))).toBeLessThan(4 / Math.sqrt(n));
  expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / n));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / n));
  expect(normalValues(seededRandom(4, "n"), 2, 0.5)).toEqual(
    Float32Array.from(values.slice(0, 2), (x) => 0.5 * x),
  );
});
