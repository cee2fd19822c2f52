import { expect, it } from "vitest";
import {
  benchFindings,
  benchRows,
  benchTable,
  costFindings,
  productFindings,
  productRows,
  productTable,
  readBench,
} from "../../src/analysis";
import type { BenchReport, CostReport } from "../../src/analysis/bench";
import { costGrowth, costMedians } from "../../src/analysis/bench-findings";
import type { CurvesReport as WrittenCurves } from "../bench/curves";
import type { BenchReport as Written } from "../bench/report";
import { madeUpBench, madeUpCosts } from "./bench";

it("reads what the benchmark writes, as the type check holds", () => {
  const read: BenchReport = {} as Written;
  const curves: CostReport = {} as WrittenCurves;
  expect([read, curves]).toHaveLength(2);
});

it("flattens a report, the peer's time that of its fastest way", () => {
  const rows = benchRows(madeUpBench());
  expect(rows).toHaveLength(3);
  expect(rows[0]).toMatchObject({
    ...{ part: "training", work: "full fine-tuning", peer: "PyTorch", theirs: 900, ours: 400 },
    ...{ speed: 2.25, speedExpected: 2.2, memory: 0.9, memoryExpected: 1, ofPeak: 0.7 },
  });
  expect(rows[2]).toMatchObject({ memory: null, memoryExpected: null, ofPeak: null });
});

it("says in words what was reached and what was not", () => {
  const { text } = benchFindings(benchRows(madeUpBench()));
  expect(text).toContain(
    "3 comparisons: 1.03 to 120 times as fast, faster in every repetition in 2",
  );
  expect(text).toContain("Peak memory: 0.90 to 1.30 times theirs");
  expect(text).toContain("MRPC dev, 408 rows against onnxruntime 1.03 times as fast (goal 1.5)");
  expect(text).toContain("1.30 times the memory (goal 1)");
  expect(text).toContain("full fine-tuning: 70 % of it");
  const good = benchRows(madeUpBench()).slice(0, 1);
  expect(benchFindings(good).text).toContain("Every comparison reaches its goal");
});

it("shows comparisons and products as tables, what is missing as a dash", () => {
  const report = madeUpBench();
  const { text } = benchTable(benchRows(report));
  expect(text).toMatch(/full fine-tuning +PyTorch +900 +400 +2\.25 +2\.2 +0\.9 +1 +70 %/);
  expect(text).toMatch(/tokenizers, one thread .* 120 +20 +– +– +–/);
  const products = productRows(report);
  expect(products[3]).toEqual({
    ...{ shape: "4096 × 4096 × 4096", precision: "bfloat16", pytorch: 400, tensorflow: 200 },
    ...{ peftlab: null, ratio: 0.5 },
  });
  expect(productTable(products).text).toContain("2048 × 384 × 384");
  const said = productFindings(products).text;
  expect(said).toContain(
    "In float32 peftlab's kernel multiplies these matrices 1.60 to 2.50 times",
  );
  expect(said).toContain("In bfloat16 TensorFlow multiplies these matrices 0.50 to 1.00 times");
  expect(productRows({ products: null })).toEqual([]);
});

it("fits how cost grows", () => {
  const points = madeUpCosts();
  expect(costMedians(points, "batch", "peftlab")).toEqual([
    { value: 1, milliseconds: 10, peakMiB: 500 },
    { value: 32, milliseconds: 320, peakMiB: 500 * Math.sqrt(32) },
  ]);
  for (const { time, memory } of costGrowth(points, "tokens")) {
    expect(time).toBeCloseTo(1, 9);
    expect(memory).toBeCloseTo(0.5, 9);
  }
  const { text } = costFindings(points);
  expect(text).toContain("**Tokens a row**: peftlab time ^ 1.00, memory ^ 0.50");
  expect(text).toContain("2.00 times as fast as PyTorch at the low end");
});

it("names the command where a file is missing", () => {
  expect(() => readBench("nothing")).toThrow("npm run bench -- nothing");
});
