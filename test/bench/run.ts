import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { median } from "simple-statistics";
import { progress } from "../../src/kernel/api/progress";
import { SetupError } from "../../src/setup/failure.cjs";
import { runProgram } from "../../src/setup/program";
import type { Comparison, Peer, Side } from "./comparisons";
import { ours, type Program, programOf, python } from "./programs";
import type { CompileCost, Measurement, ProductSpeeds, Work } from "./work";

/** What the sides of one comparison showed in one repetition. */
export interface Round {
  readonly work: Work;
  readonly sides: Readonly<Partial<Record<Side, Measurement>>>;
}

/** What is known of a comparison. */
export interface Row {
  readonly comparison: Comparison;
  readonly rounds: readonly Round[];
  /** Rows a batch that each side was fastest with, where it chose. */
  readonly batches: Readonly<Partial<Record<Side, number>>>;
  /** Sides that were not measured, or no longer, and why. */
  readonly leftOut: Readonly<Partial<Record<Side, string>>>;
}

export interface Results {
  readonly rows: readonly Row[];
  readonly products: readonly Products[];
  readonly compile: readonly CompileCost[];
}

export interface Products {
  readonly pytorch: ProductSpeeds;
  readonly peftlab: ProductSpeeds;
}

export interface RunOptions {
  readonly repetitions: number;
  /** For works and models. */
  readonly folder: string;
  /** Measured beside the comparisons, if given. */
  readonly products?: Work;
  readonly compile?: Work;
  /** Runs one process; default `measureSide`. */
  readonly measure?: typeof measureSide;
}

/** Runs every side of every comparison in turn, one process each, as often as asked. */
export async function runAll(
  comparisons: readonly Comparison[],
  { repetitions, folder, products, compile, measure = measureSide }: RunOptions,
): Promise<Results> {
  const rows = comparisons.map(
    (comparison) => new OpenRow(comparison, (...side) => measure(...side, folder)),
  );
  const each = rows.flatMap(({ sides }) => sides).length;
  const bar = progress(repetitions * (each + (products ? 2 : 0) + (compile ? 1 : 0)), {
    label: "bench",
    unit: "runs",
  });
  const step: Step = async (now, run) => {
    bar.show({ now });
    const result = await run();
    bar.add();
    return result;
  };
  const results = { rows, products: [] as Products[], compile: [] as CompileCost[] };
  for (let repetition = 0; repetition < repetitions; repetition++) {
    if (products) {
      const file = write(folder, "products", products);
      results.products.push({
        pytorch: await step("products, PyTorch", () => run(python("products", file))),
        peftlab: await step("products, peftlab", () => run(ours("products", file))),
      });
    }
    if (compile) {
      const file = write(folder, "compile", compile);
      results.compile.push(await step("a new step", () => run(ours("compile", file))));
    }
    for (const row of rows) await row.measure(repetition, step);
  }
  bar.show({ now: undefined });
  bar.end();
  return results;
}

type Step = <T>(now: string, run: () => Promise<T>) => Promise<T>;

/** A row while it is measured. */
class OpenRow implements Row {
  readonly rounds: Round[] = [];
  readonly batches: Partial<Record<Side, number>> = {};
  readonly leftOut: Partial<Record<Side, string>> = {};
  readonly sides: readonly Side[];

  constructor(
    readonly comparison: Comparison,
    private readonly run: (side: Side, name: string, work: Work) => Promise<Measurement>,
  ) {
    this.sides = [...comparison.peers.flatMap(({ sides }) => sides), "peftlab"];
  }

  async measure(repetition: number, step: Step): Promise<void> {
    const { name, peers, work } = this.comparison;
    const sides: Partial<Record<Side, Measurement>> = {};
    for (const side of this.sides)
      await step(`${name}, ${side}`, async () => {
        if (this.leftOut[side]) return;
        try {
          const batch = await this.batchOf(side);
          sides[side] = await this.run(side, name, work(repetition, batch));
        } catch (error) {
          // What PyTorch cannot compile here is no reason to know nothing.
          if (side !== "compiled" || !(error instanceof SetupError)) throw error;
          this.leftOut[side] = `failed: ${lastLine(error.message)}`;
        }
      });
    this.rounds.push({ work: work(repetition), sides });
    if (repetition === 0)
      for (const side of peers.flatMap((peer) => decidesNothing(peer, sides)))
        this.leftOut[side] =
          "slower and not smaller in the first repetition, so measured only there";
  }

  /** Rows a batch with which a side is fastest, found by the trial the first time. */
  private async batchOf(side: Side): Promise<number | undefined> {
    const { name, trial } = this.comparison;
    if (!trial || side === "peftlab") return undefined;
    if (!this.batches[side]) {
      const { milliseconds } = await this.run(side, name, trial);
      this.batches[side] = trial.batches[milliseconds.indexOf(Math.min(...milliseconds))]!;
    }
    return this.batches[side];
  }
}

const time = ({ milliseconds }: Measurement) => median([...milliseconds]);

/** By how much another side must be better for one to decide nothing. */
const beaten = { time: 1.1, memory: 1.05 } as const;

/** The sides of a peer that another side of it beats clearly, in time and, where it counts, in memory. */
export function decidesNothing({ sides, memory }: Peer, round: Round["sides"]): Side[] {
  const known = sides.flatMap((side) => round[side] ?? []);
  return sides.filter((side) => {
    const own = round[side];
    return known.some(
      (other) =>
        own &&
        time(other) * beaten.time < time(own) &&
        (memory === undefined || other.peakBytes * beaten.memory < own.peakBytes),
    );
  });
}

/** One process of a side. */
export async function measureSide(
  side: Side,
  name: string,
  work: Work,
  folder: string,
): Promise<Measurement> {
  const given = side === "float32" ? { ...work, precision: "float32" } : work;
  const file = write(folder, `${name}-${side}`, given as Work);
  const onnx = join(folder, `${name}.onnx`);
  if (side === "onnxruntime" && !existsSync(onnx))
    await runProgram(...python("export", file, "--out", onnx));
  return run(programOf(side, work, file, onnx));
}

function write(folder: string, name: string, work: Work): string {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(work));
  return file;
}

const run = async <T>(program: Program): Promise<T> =>
  parseMeasurement(await runProgram(...program));

/** The measurement among what a process printed. */
export function parseMeasurement<T = Measurement>(output: string): T {
  const line = output.split("\n").find((text) => /^\{"(milliseconds|gigaflops)"/.test(text));
  if (!line) throw new Error(`no measurement in what the process printed:\n${output}`);
  return JSON.parse(line);
}

const lastLine = (text: string) =>
  text
    .trim()
    .split("\n")
    .at(-1)!
    .replace(/^[\s|]+/, "");
