import { describe, expect, it } from "vitest";
import { samplingError, summarize } from "../../src/analysis/statistics";

describe("summarize", () => {
  it("gives NumPy's mean and standard deviation with ddof=1", () => {
    // np.mean, np.std(ddof=1) of [0.765, 0.772, 0.7598, 0.7819, 0.7696]
    const summary = summarize([0.765, 0.772, 0.7598, 0.7819, 0.7696]);
    expect(summary.mean).toBeCloseTo(0.76966, 12);
    expect(summary.deviation).toBeCloseTo(0.0082799758453754, 12);
    expect(summary).toMatchObject({ count: 5, undefined: 0, min: 0.7598, max: 0.7819 });
  });

  it("counts undefined scores as 0, and counts them", () => {
    expect(summarize([0.3, null, 0.6])).toMatchObject({ count: 3, undefined: 1, min: 0, max: 0.6 });
    expect(summarize([0.3, null, 0.6]).mean).toBeCloseTo(0.3, 12);
    expect(summarize([0.3, null, 0.6]).deviation).toBeCloseTo(0.3, 12);
  });

  it("knows no spread of one value, and nothing of none", () => {
    expect(summarize([0.5])).toMatchObject({ mean: 0.5, deviation: null, min: 0.5, max: 0.5 });
    expect(summarize([])).toEqual({
      count: 0,
      undefined: 0,
      mean: null,
      deviation: null,
      min: null,
      max: null,
    });
  });
});

describe("samplingError", () => {
  // Standard deviations of 20,000 to 200,000 simulated test parts, NumPy 2, seed 0.
  it.each([
    ["accuracy", 0.76, { rows: 408 }, 0.021158],
    ["pearson", 0.85, { rows: 1500 }, 0.007231],
    ["matthews", 0.3, { rows: 1043, positives: 0.6913 }, 0.031404],
    ["matthews", 0.5, { rows: 400, positives: 0.5 }, 0.043259],
    ["matthews", 0.6, { rows: 1000, positives: 0.8 }, 0.031962],
  ] as const)("of %s %d is what a simulation gives", (metric, score, sample, simulated) => {
    expect(samplingError(metric, score, sample) / simulated).toBeCloseTo(1, 1.7);
  });
});
