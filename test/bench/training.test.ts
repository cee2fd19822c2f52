import { expect, test } from "vitest";
import { loadPretrained } from "../../src/models";
import { minilmFolder } from "../../src/setup/paths";
import { measureTraining } from "./training";
import { makeWork } from "./work";

const pretrained = loadPretrained(minilmFolder);
const { hiddenSize: d, layers } = pretrained.config;
const head = d * d + d + 2 * d + 2;

test("batches are padded, and the same in every process", () => {
  const work = makeWork();
  expect(makeWork()).toEqual(work);
  for (const { ids, types, mask, labels } of work.batches) {
    expect([ids.length, types.length, mask.length, labels.length]).toEqual([32, 32, 32, 32]);
    expect(mask[0]).toEqual(new Array(64).fill(1));
    expect(mask.flat().filter((real) => real === 0).length).toBeGreaterThan(0);
    for (const [row, real] of mask.entries())
      for (const [at, one] of real.entries()) expect(ids[row]![at]! > 0).toBe(one === 1);
  }
});

test.each([
  ["bitfit", 11 * layers * d + d + head],
  ["lora", 2 * 2 * 8 * layers * d + head],
] as const)("our side measures %s", (method, trainable) => {
  const work = makeWork({ batch: 4, tokens: 16, steps: 3 });
  const measured = measureTraining(pretrained, work, method);
  expect(measured.trainable).toBe(trainable);
  expect(measured.milliseconds).toHaveLength(3);
  expect(Math.min(...measured.milliseconds)).toBeGreaterThan(0);
  expect(measured.peakBytes).toBeGreaterThan(100 * 2 ** 20);
  // Random labels: about the entropy of a coin.
  expect(Math.abs(measured.loss - Math.LN2)).toBeLessThan(0.3);
});
