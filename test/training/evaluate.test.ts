import { expect, test } from "vitest";
import type { Step } from "../../src/engine/types";
import { decide, outputsOf } from "../../src/training/evaluate";
import { featureExamples } from "../../src/training/examples";
import { DivergenceError } from "../../src/training/loop";

/** Gives twice what it is fed. */
const doubling: Pick<Step, "evaluate"> = {
  evaluate: ({ features }) => {
    const data = (features as Float32Array).map((value) => 2 * value);
    return { logits: { shape: [data.length / 2, 2], data } };
  },
};

const rows = 5000;
const examples = featureExamples(
  Float32Array.from({ length: 2 * rows }, (_, at) => at),
  2,
);

test("outputs come in the rows' order, whatever the batches", async () => {
  const told: number[] = [];
  const outputs = await outputsOf(doubling, examples, (done) => told.push(done));
  expect(outputs.map((output) => [...output])).toEqual(
    Array.from({ length: rows }, (_, row) => [4 * row, 4 * row + 2]),
  );
  expect(told).toEqual([4096, 5000]);
});

test("an output that is no number is divergence", async () => {
  const broken = featureExamples(Float32Array.of(1, Number.NaN), 2);
  await expect(outputsOf(doubling, broken)).rejects.toThrow(DivergenceError);
});

test("the largest logit decides a class; a score goes back to the task's scale", () => {
  const outputs = [Float32Array.of(-1, 3, 2), Float32Array.of(0, -1, -2)];
  expect(decide({ kind: "classes", labels: ["a", "b", "c"] }, outputs, null)).toEqual([1, 0]);
  const scores = [Float32Array.of(0), Float32Array.of(-0.5)];
  const scale = { mean: 2, deviation: 4 };
  expect(decide({ kind: "score", range: [0, 5] }, scores, scale)).toEqual([2, 0]);
});
