import { expect, test } from "vitest";
import { stepsOfEpochs, stepsOfSeconds } from "../../src/training/budget";

test("epochs become steps, parts of an epoch too, one step the least", () => {
  expect(stepsOfEpochs(3, 99)).toBe(297);
  expect(stepsOfEpochs(0.5, 99)).toBe(50);
  expect(stepsOfEpochs(0.001, 99)).toBe(1);
});

test("seconds become as many steps as their batches' shapes allow", () => {
  const tokens = [16, 16, 64, 32];
  const batchAt = (step: number) => ({ shape: { batch: 8, tokens: tokens[step % 4]! } });
  const costs = { "8x16": 0.1, "8x32": 0.2, "8x64": 0.4 };
  expect(stepsOfSeconds(0.6, batchAt, costs)).toBe(3);
  expect(stepsOfSeconds(0.79, batchAt, costs)).toBe(3);
  expect(stepsOfSeconds(0.8, batchAt, costs)).toBe(4);
  expect(stepsOfSeconds(8, batchAt, costs)).toBe(40);
  expect(stepsOfSeconds(0.01, batchAt, costs)).toBe(1);
});

test("a shape without a cost is named", () => {
  const batchAt = () => ({ shape: { batch: 8, tokens: 48 } });
  expect(() => stepsOfSeconds(1, batchAt, { "8x16": 0.1 })).toThrow("8x48");
});
