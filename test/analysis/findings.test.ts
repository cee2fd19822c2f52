import { expect, it } from "vitest";
import { findings } from "../../src/analysis/findings";
import type { TaskData } from "../../src/glue/types";
import { diverged, madeUp } from "./records";

const rows = (count: number, positives: number) =>
  Array.from({ length: count }, (_, index) => ({ text: "x", target: index < positives ? 1 : 0 }));

function dataOf(task: string): TaskData {
  const { definition } = madeUp(task, "full", 1);
  const source = { kind: "sample", from: "" } as const;
  return {
    task: definition,
    source,
    fingerprint: "",
    train: [],
    validation: [],
    test: rows(400, 280),
  };
}

const scored = (method: string, accuracy: number, f1: number) =>
  madeUp("mrpc", method, 1, { scores: { accuracy, f1 } });

it("says which methods beat the floor, which do not, and how far they are from full fine-tuning", () => {
  const { text } = findings(
    [scored("full", 0.76, 0.84), scored("bitfit", 0.77, 0.8), scored("head-only", 0.68, 0.81)],
    [dataOf("mrpc")],
  );
  expect(text).toContain("floor 68.4");
  expect(text).toContain("Above the floor: Full fine-tuning 76.0 (+7.6) and BitFit 77.0 (+8.6).");
  expect(text).toContain("Not above it: Head only 68.0.");
  expect(text).toContain(
    "By F1 (floor 81.2) these do not beat it: BitFit 80.0 and Head only 81.0.",
  );
  expect(text).toContain("Against full fine-tuning: BitFit +1.0 and Head only −8.0 points.");
  // sqrt(0.77 * 0.23 / 400)
  expect(text).toContain("on 400 rows has a standard error of 2.1 points");
  expect(text).toContain("one seed");
});

it("says so when nothing beats the floor, and when runs diverged", () => {
  const { text } = findings(
    [scored("full", 0.6, 0.7), diverged("mrpc", "full", 2)],
    [dataOf("mrpc")],
  );
  expect(text).toContain("No method beats the floor.");
  expect(text).toContain("Diverged: Full fine-tuning in 1 of 2 runs.");
  expect(text).not.toContain("Against full fine-tuning");
});

it("counts a score at the floor as not above it", () => {
  const constant = madeUp("cola", "full", 1, { scores: { matthews: null, accuracy: 0.6913 } });
  expect(findings([constant], [dataOf("cola")]).text).toContain(
    "Not above it: Full fine-tuning 0.0.",
  );
});

it("needs the data of every task", () => {
  expect(() => findings([madeUp("stsb", "full", 1)], [dataOf("mrpc")])).toThrow("the data of stsb");
});
