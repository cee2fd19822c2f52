import { expect, test } from "vitest";
import { fitCosts, stepsOfEpochs, stepsOfSeconds } from "../../src/training/budget";

test("epochs become steps, parts of an epoch too, one step the least", () => {
  expect(stepsOfEpochs(3, 99)).toBe(297);
  expect(stepsOfEpochs(0.5, 99)).toBe(50);
  expect(stepsOfEpochs(0.001, 99)).toBe(1);
});

test("seconds become as many steps as their batches' tokens allow", () => {
  const tokens = [10, 10, 70, 30];
  const tokensAt = (step: number) => tokens[step % 4]!;
  // 0.1, 0.1, 0.4 and 0.2 seconds.
  const costs = { step: 0.05, token: 0.005 };
  expect(stepsOfSeconds(0.6, tokensAt, costs)).toBe(3);
  expect(stepsOfSeconds(0.79, tokensAt, costs)).toBe(3);
  expect(stepsOfSeconds(0.8, tokensAt, costs)).toBe(4);
  expect(stepsOfSeconds(8, tokensAt, costs)).toBe(40);
  expect(stepsOfSeconds(0.01, tokensAt, costs)).toBe(1);
});

test("steps that cost nothing are an error", () => {
  expect(() => stepsOfSeconds(1, () => 48, { step: 0, token: 0 })).toThrow("48 tokens");
});

test("costs are fitted to what steps took", () => {
  const took = (...samples: [tokens: number, seconds: number][]) =>
    fitCosts(samples.map(([tokens, seconds]) => ({ tokens, seconds })));
  expect(took([100, 0.3], [500, 1.1], [1000, 2.1])).toEqual({ step: 0.1, token: 0.002 });
  // By least squares: the line through (1, 2), (2, 2), (3, 5) is -0 + 1.5 x.
  expect(took([1, 2.1], [2, 2.1], [3, 5.1])).toEqual({ step: 0.1, token: 1.5 });
  // Neither is negative: of one size, falling, and steeper than proportional.
  expect(took([32, 0.2], [32, 0.3], [32, 0.4])).toEqual({ step: 0.3, token: 0 });
  expect(took([10, 0.4], [20, 0.3], [30, 0.2])).toEqual({ step: 0.3, token: 0 });
  expect(took([10, 0.1], [20, 0.4])).toEqual({ step: 0, token: 0.018 });
});
