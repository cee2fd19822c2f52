import { expect, test } from "vitest";
import { linearSchedule } from "../../src/training/schedule";

test("rates equal transformers' get_linear_schedule_with_warmup(optimizer, 2, 10)", () => {
  const rates = Array.from({ length: 10 }, (_, step) => linearSchedule(step, 10, 0.2));
  expect(rates).toEqual([0, 0.5, 1, 7 / 8, 6 / 8, 5 / 8, 4 / 8, 3 / 8, 2 / 8, 1 / 8]);
});

test("the schedule ends with the budget, whatever its length", () => {
  for (const steps of [1, 2, 7, 230]) {
    const rates = Array.from({ length: steps + 1 }, (_, step) => linearSchedule(step, steps, 0.1));
    expect(rates[steps]).toBe(0);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1);
    expect(Math.min(...rates)).toBe(0);
  }
});

test("without warm-up the first step has the peak rate", () => {
  expect(linearSchedule(0, 5, 0)).toBe(1);
});
