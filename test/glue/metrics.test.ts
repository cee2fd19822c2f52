import { describe, expect, test } from "vitest";
import { accuracy, binaryF1, matthews, pearson, ranks, spearman } from "../../src/glue/metrics";
import fixture from "../fixtures/glue/metrics.json";

/** Equal to the reference to 1e-9, undefined where it is. */
function expectEqual(found: number | null, expected: number | null) {
  if (expected === null || found === null) expect(found).toBe(expected);
  else expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-9);
}

describe("metrics equal scikit-learn's and SciPy's", () => {
  test("the cases hold ties, constant sides and undefined correlations", () => {
    expect(fixture.classes.filter(({ matthews }) => matthews === 0).length).toBeGreaterThan(5);
    expect(fixture.scores.filter(({ pearson }) => pearson === null).length).toBeGreaterThan(5);
    const tied = fixture.scores.filter(({ targets }) => new Set(targets).size < targets.length);
    expect(tied.length).toBeGreaterThan(20);
  });

  test("accuracy, F1 and Matthews correlation", () => {
    for (const { predictions, targets, ...expected } of fixture.classes) {
      expectEqual(accuracy(predictions, targets), expected.accuracy);
      expectEqual(binaryF1(predictions, targets), expected.f1);
      expectEqual(matthews(predictions, targets), expected.matthews);
    }
  });

  test("Pearson and Spearman correlation", () => {
    for (const { predictions, targets, ...expected } of fixture.scores) {
      expectEqual(pearson(predictions, targets), expected.pearson);
      expectEqual(spearman(predictions, targets), expected.spearman);
    }
  });
});

test("ranks share ties", () => {
  expect([...ranks([10, 20, 10, 5])]).toEqual([2.5, 4, 2.5, 1]);
});

test("a diverged prediction has no correlation", () => {
  expect(pearson([1, Number.NaN, 3], [1, 2, 3])).toBeNull();
  expect(spearman([1, Number.NaN, 3], [1, 2, 3])).toBeNull();
  expect(pearson([1, Number.POSITIVE_INFINITY, 3], [1, 2, 3])).toBeNull();
});

test("sides of different length and no rows are errors", () => {
  expect(() => accuracy([1], [1, 0])).toThrow("1 predictions for 2 targets");
  expect(() => pearson([], [])).toThrow("at least one");
});
