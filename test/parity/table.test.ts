import { describe, expect, test } from "vitest";
import type { ParityRecord } from "./record";
import { compareSides, floorOf, parityMarkdown } from "./table";

const seeds = [1, 2, 3, 4, 5];

function records(accuracies: Record<ParityRecord["side"], readonly number[]>): ParityRecord[] {
  return (["full", "bitfit"] as const).flatMap((method) =>
    (["pytorch", "peftlab"] as const).flatMap((side) =>
      seeds.map((seed, i) => ({
        ...{ side, method, seed, plan: "p", trainable: 10, steps: 460, seconds: 1, device: "d" },
        accuracy: accuracies[side][i]!,
        f1: accuracies[side][i]! + 8,
        ...{ versions: {}, losses: [0.5], predictions: "01" },
      })),
    ),
  );
}

const compare = (pytorch: number[], peftlab: number[]) =>
  compareSides(records({ pytorch, peftlab }), { seeds, floor: 68.4 })[0]!;

test("means, deviations, difference and its standard error", () => {
  const row = compare([75, 76, 77, 78, 79], [76, 76, 76, 76, 81]);
  expect(row.pytorch.mean).toBeCloseTo(77, 12);
  expect(row.pytorch.deviation).toBeCloseTo(Math.sqrt(2.5), 12);
  expect(row.peftlab.deviation).toBeCloseTo(Math.sqrt(5), 12);
  expect(row.difference).toBeCloseTo(0, 12);
  // As scipy.stats.ttest_ind_from_stats(equal_var=False) divides by.
  expect(row.standardError).toBeCloseTo(Math.sqrt(2.5 / 5 + 5 / 5), 12);
  expect(row.failures).toEqual([]);
});

describe("each bound fails by itself", () => {
  test("the difference in points", () => {
    expect(compare([72, 74, 76, 78, 80], [74.1, 76.1, 78.1, 80.1, 82.1]).failures).toEqual([
      "the means differ by more than 2 points",
    ]);
  });
  test("the difference in standard errors", () => {
    expect(compare([76, 76.1, 76, 76.1, 76], [77, 77.1, 77, 77.1, 77]).failures).toEqual([
      "the means differ by more than 2.5 standard errors",
    ]);
  });
  test("the distance from the floor, of either side", () => {
    expect(compare([71, 71.5, 72, 71, 72], [70, 71, 71.5, 71.5, 72]).failures).toEqual([
      "peftlab is less than 3 points above the floor of 68.4",
    ]);
  });
  test("just inside is inside", () => {
    expect(compare([72, 74, 76, 78, 80], [74, 76, 78, 80, 82]).failures).toEqual([]);
  });
});

test("a missing record, or a run of another length, is not compared", () => {
  const all = records({ pytorch: [75, 76, 77, 78, 79], peftlab: [75, 76, 77, 78, 79] });
  const options = { seeds, floor: 68.4 };
  expect(() => compareSides(all.slice(1), options)).toThrow("pytorch, full, seed 1");
  expect(() => compareSides([{ ...all[0]!, steps: 100 }, ...all.slice(1)], options)).toThrow(
    "steps differs",
  );
});

test("the table has a row a method and metric", () => {
  const all = records({ pytorch: [75, 76, 77, 78, 79], peftlab: [74, 75, 76, 77, 78] });
  const lines = parityMarkdown(compareSides(all, { seeds, floor: 68.4 })).split("\n");
  expect(lines).toHaveLength(6);
  expect(lines[2]).toBe(
    "| full fine-tuning, 5e-5 | accuracy | 77.0 ± 1.6 | 76.0 ± 1.6 | −1.0 | 1.0 | within bounds |",
  );
});

test("the floor is the share of the more frequent label", () => {
  expect(floorOf([1, 1, 0, 1])).toBe(75);
  expect(floorOf([0, 1, 0, 0])).toBe(75);
});
