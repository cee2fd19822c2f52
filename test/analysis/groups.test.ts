import { describe, expect, it } from "vitest";
import { groupRuns, mainMetric } from "../../src/analysis/groups";
import { madeUp, study } from "./records";

describe("groupRuns", () => {
  it("puts the seeds of a task and method together, in order", () => {
    const groups = groupRuns(study(3).reverse());
    expect(groups).toHaveLength(15);
    for (const { records } of groups) expect(records.map(({ seed }) => seed)).toEqual([1, 2, 3]);
  });

  it("never takes runs together that differ in more than chance", () => {
    const runs = [
      madeUp("mrpc", "bitfit", 1),
      madeUp("mrpc", "bitfit", 2),
      madeUp("mrpc", "bitfit", 1, { specification: { subsetSeed: 2 } }),
      madeUp("mrpc", "bitfit", 1, { specification: { fraction: 0.3 } }),
      madeUp("mrpc", "bitfit", 1, { specification: { data: "other" } }),
      madeUp("cola", "bitfit", 1),
    ];
    expect(groupRuns(runs).map(({ records }) => records.length)).toEqual([3, 1, 1, 1]);
  });

  it("says what tells groups of one method apart, in the same words for every task", () => {
    const runs = [
      madeUp("mrpc", "bitfit", 1),
      madeUp("mrpc", "bitfit", 1, { specification: { fraction: 0.3, learningRate: 2e-3 } }),
      madeUp("cola", "bitfit", 1),
      madeUp("cola", "full", 1),
    ];
    expect(groupRuns(runs).map(({ label, variant }) => [label, variant])).toEqual([
      ["BitFit (fraction 1, learning rate 0.001)", 0],
      ["BitFit (fraction 0.3, learning rate 0.002)", 1],
      ["BitFit (fraction 1, learning rate 0.001)", 0],
      ["Full fine-tuning", 0],
    ]);
  });

  it("takes a run that is given twice once", () => {
    expect(groupRuns([...study(1), ...study(1)])).toEqual(groupRuns(study(1)));
  });
});

describe("mainMetric", () => {
  it("is the first of the task's", () => {
    expect(mainMetric(madeUp("mrpc", "full", 1))).toBe("accuracy");
    expect(mainMetric(madeUp("cola", "full", 1))).toBe("matthews");
    expect(mainMetric(madeUp("stsb", "full", 1))).toBe("pearson");
  });
});
