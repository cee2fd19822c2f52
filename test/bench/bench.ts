import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { taskNames } from "../../src/glue";
import {
  type Amounts,
  type Comparison,
  epochComparisons,
  evaluationComparisons,
  type Part,
  type Side,
  tokenisingComparison,
  trainingComparisons,
} from "./comparisons";
import { thisMachine } from "./machine";
import { readTexts, sizesWork } from "./make-work";
import { type BenchReport, peaksOf, summarise, values } from "./report";
import { type Results, runAll } from "./run";
import type { Measurement, ProductSpeeds, ProductsWork } from "./work";

export interface BenchOptions extends Amounts {
  /** Warning that stood before the first part, or null on an idle machine: a part leaves its own load to the next. */
  readonly busy: string | null;
  /** Only rows whose name has one of these in it. */
  readonly only?: readonly string[];
}

/** The last is large, for the peak. */
const products: ProductsWork = {
  kind: "products",
  shapes: [
    [2048, 384, 384],
    [2048, 384, 1536],
    [2048, 1536, 384],
    [3072, 3072, 3072],
  ],
  seconds: 0.5,
};
const compileSizes = [16, 32, 48, 64, 96, 128];
const passes = { evaluation: 1, tokenising: 3 } as const;

/** Measures one part. The peers must be installed. */
export async function benchPart(part: Part, options: BenchOptions): Promise<BenchReport> {
  const { only, repetitions, busy, device } = options;
  const machine = thisMachine(device);
  const folder = mkdtempSync(join(tmpdir(), "peftlab-bench-"));
  try {
    const texts = part === "training" ? [] : await Promise.all(taskNames.map(readTexts));
    const all: Record<Part, () => Comparison[]> = {
      training: () => trainingComparisons(options, folder),
      epochs: () => epochComparisons(texts, options),
      evaluation: () => evaluationComparisons(texts, { passes: passes.evaluation, device }),
      tokenising: () => [tokenisingComparison(texts, passes.tokenising)],
    };
    const comparisons = all[part]();
    const wanted = comparisons.filter(
      ({ name }) => !only || only.some((some) => name.includes(some)),
    );
    // Speeds of the processor's products, and what a new step costs there.
    const trains = (part === "training" || part === "epochs") && device === "cpu";
    const results = await runAll(wanted, {
      ...{ repetitions, folder },
      ...(trains && { products }),
      ...(trains && part === "training" && { compile: sizesWork(compileSizes) }),
    });
    const peaks = peaksOf(results.products);
    return {
      part,
      measured: new Date().toISOString().slice(0, 10),
      machine,
      busy,
      repetitions,
      steps: { warmup: options.warmup, timed: options.steps },
      data:
        texts.length === 0
          ? null
          : texts.some(({ source }) => source.kind === "sample")
            ? "sample corpus"
            : "GLUE",
      ...seenOf(results.rows.flatMap(({ rounds }) => rounds.map(({ sides }) => sides))),
      rows: results.rows.map((row) => summarise(row, peaks)),
      notMeasured: comparisons.filter((one) => !wanted.includes(one)).map(({ label }) => label),
      products: productsOf(results),
      compile: compileOf(results),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function seenOf(rounds: readonly Partial<Record<Side, Measurement>>[]) {
  const all = rounds.flatMap((sides) => Object.entries(sides) as [Side, Measurement][]);
  return {
    threads: Object.fromEntries(all.map(([side, { threads }]) => [side, threads])),
    versions: Object.assign({}, ...all.map(([, { versions }]) => versions)),
  };
}

function productsOf({ products: all }: Results): BenchReport["products"] {
  if (all.length === 0) return null;
  type One = (typeof all)[number];
  const byShape = (speeds: (one: One) => readonly number[]) =>
    products.shapes.map((_, at) => values(all.map((one) => speeds(one)[at]!)));
  const side = (of: (one: One) => ProductSpeeds) => ({
    float32: byShape((one) => of(one).gigaflops.float32),
    bfloat16: byShape((one) => of(one).gigaflops.bfloat16),
  });
  return {
    shapes: products.shapes,
    pytorch: side(({ pytorch }) => pytorch),
    peftlab: side(({ peftlab }) => peftlab),
    kernel: all.every(({ peftlab }) => peftlab.kernel)
      ? byShape(({ peftlab }) => peftlab.kernel!)
      : null,
  };
}

function compileOf({ compile }: Results): BenchReport["compile"] {
  if (compile.length === 0) return null;
  const peaks = compile.map(({ peakBytes }) => peakBytes);
  return {
    seconds: values(
      compile.map(({ milliseconds }) => (milliseconds.build + milliseconds.firstSteps) / 1000),
    ),
    memory: peaks.some((peak) => peak === null)
      ? null
      : values(peaks.map((peak) => peak!.first / peak!.later)),
  };
}
