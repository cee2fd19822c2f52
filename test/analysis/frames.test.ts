import { expect, it } from "vitest";
import { runFrame, summaries, summaryFrame } from "../../src/analysis/frames";
import { diverged, madeUp, study } from "./records";

const column = (frame: { column(name: string): { values: unknown } }, name: string) =>
  frame.column(name).values;

it("makes one row a run, with null where a run has nothing", () => {
  const records = study(2);
  const frame = runFrame(records);
  expect(frame.shape[0]).toBe(30);
  expect(column(frame, "hash")).toEqual(records.map(({ hash }) => hash));
  expect(column(frame, "accuracy")).toEqual(records.map(({ scores }) => scores.accuracy ?? null));
  expect(column(frame, "pearson")).toEqual(records.map(({ scores }) => scores.pearson ?? null));
  expect(column(frame, "trainable")).toEqual(
    records.map(({ encoder, head }) => encoder.trainable + head.trainable),
  );
});

it("summarises test scores over seeds as computed by hand", () => {
  const [accuracies, seconds] = [
    [0.75, 0.78, 0.72],
    [60, 63, 57],
  ];
  const records = accuracies.map((accuracy, index) =>
    madeUp("mrpc", "bitfit", index + 1, {
      scores: { accuracy, f1: accuracy + 0.05 },
      seconds: seconds[index]!,
    }),
  );
  const [summary] = summaries(records);
  expect(summary).toMatchObject({ runs: 3, diverged: 0, undefined: 0, min: 0.72, max: 0.78 });
  expect(summary!.mean).toBeCloseTo(0.75, 12);
  expect(summary!.deviation).toBeCloseTo(0.03, 12);
  expect(summary!.gain).toBeCloseTo(0.75 - 0.6838, 12);
  expect(summary!.secondMean).toBeCloseTo(0.8, 12);
  expect(summary!.seconds).toBeCloseTo(60, 12);
});

it("counts an undefined score as 0, and leaves diverged runs out of the mean", () => {
  const records = [
    madeUp("cola", "bitfit", 1, { scores: { matthews: 0.3, accuracy: 0.7 } }),
    madeUp("cola", "bitfit", 2, { scores: { matthews: null, accuracy: 0.69 } }),
    diverged("cola", "bitfit", 3),
  ];
  expect(summaries(records)[0]).toMatchObject({
    runs: 2,
    diverged: 1,
    undefined: 1,
    mean: 0.15,
    min: 0,
    floor: 0,
  });
});

it("has no spread of a single seed, where danfo would say 0", () => {
  expect(column(summaryFrame(study(1)), "deviation")).toEqual(Array(15).fill(null));
});

it("has no mean where every run diverged", () => {
  expect(summaries([diverged("mrpc", "full", 1)])[0]).toMatchObject({ runs: 0, mean: null });
});

it("says that there are no runs rather than make an odd frame", () => {
  expect(() => runFrame([])).toThrow("no runs");
});
