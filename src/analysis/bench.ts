import { readFileSync } from "node:fs";
import { join } from "node:path";
import { dataFolder } from "../setup/paths";

/** The median of some repetitions, and their range. */
interface Values {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** What is read of `data/bench/<part>.json`, which `npm run bench` writes. */
export interface BenchReport {
  readonly part: string;
  readonly measured: string;
  readonly busy: string | null;
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly memoryGiB: number;
  };
  readonly rows: readonly {
    readonly label: string;
    readonly milliseconds: Readonly<Record<string, Values>>;
    readonly peers: readonly {
      readonly peer: string;
      readonly sides: readonly string[];
      readonly speed: Values;
      readonly memory: Values | null;
      readonly expected: { readonly speed: number; readonly memory: number | null };
    }[];
    readonly ofPeak: Values | null;
  }[];
  /** GFLOP/s of matrix products `[m, k] x [k, n]`, a value a shape; null where they were not measured. */
  readonly products: {
    readonly shapes: readonly (readonly number[])[];
    readonly pytorch: Readonly<Record<Precision, readonly Values[]>>;
    readonly peftlab: Readonly<Record<Precision, readonly Values[]>>;
    readonly kernel: readonly Values[] | null;
  } | null;
}

export type Precision = "float32" | "bfloat16";

/** A comparison with another library, flat for a data frame; `null` where something was not compared. */
export interface BenchRow {
  readonly part: string;
  readonly work: string;
  readonly peer: string;
  /** Milliseconds a step or a pass; the peer's of its fastest way. */
  readonly theirs: number;
  readonly ours: number;
  /** Our speed over theirs, with the range of the repetitions. */
  readonly speed: number;
  readonly speedLowest: number;
  readonly speedHighest: number;
  readonly speedExpected: number;
  /** Our peak memory over theirs. */
  readonly memory: number | null;
  readonly memoryLowest: number | null;
  readonly memoryHighest: number | null;
  readonly memoryExpected: number | null;
  /** Of our step's matrix products the speed over that of the fastest product alone. */
  readonly ofPeak: number | null;
}

export function benchRows({ part, rows }: BenchReport): BenchRow[] {
  return rows.flatMap(({ label, milliseconds, peers, ofPeak }) =>
    peers.map(({ peer, sides, speed, memory, expected }) => ({
      ...{ part, work: label, peer },
      theirs: Math.min(...sides.flatMap((side) => milliseconds[side]?.median ?? [])),
      ours: milliseconds.peftlab!.median,
      speed: speed.median,
      speedLowest: speed.lowest,
      speedHighest: speed.highest,
      speedExpected: expected.speed,
      memory: memory?.median ?? null,
      memoryLowest: memory?.lowest ?? null,
      memoryHighest: memory?.highest ?? null,
      memoryExpected: expected.memory,
      ofPeak: ofPeak?.median ?? null,
    })),
  );
}

/** The speed of one matrix product in both libraries and by our kernel, GFLOP/s. */
export interface ProductRow {
  readonly shape: string;
  readonly precision: Precision;
  readonly pytorch: number;
  readonly tensorflow: number;
  /** By our own kernel; null where there is none: in bfloat16, on a GPU. */
  readonly peftlab: number | null;
  /** Of the product that a step of ours uses, over PyTorch's. */
  readonly ratio: number;
}

export function productRows({ products }: Pick<BenchReport, "products">): ProductRow[] {
  if (!products) return [];
  const { shapes, pytorch, peftlab, kernel } = products;
  return (["float32", "bfloat16"] as const).flatMap((precision) =>
    shapes.map((shape, at) => {
      const [theirs, tensorflow] = [pytorch[precision][at]!.median, peftlab[precision][at]!.median];
      const own = precision === "float32" && kernel ? kernel[at]!.median : null;
      return {
        ...{ shape: shape.join(" × "), precision, pytorch: theirs, tensorflow, peftlab: own },
        ratio: (own ?? tensorflow) / theirs,
      };
    }),
  );
}

/** What a training step cost at one point of a curve: one process on one side. */
export interface CostPoint {
  readonly axis: CostAxis;
  readonly value: number;
  readonly side: CostSide;
  readonly repetition: number;
  /** The median of its steps. */
  readonly milliseconds: number;
  /** Largest resident set of the process. */
  readonly peakMiB: number;
}

/** What is varied: tokens a row, rows a batch, layers, width, rank of LoRA, or the share of parameters that trains. */
export type CostAxis = "tokens" | "batch" | "layers" | "width" | "rank" | "share";
export type CostSide = "peftlab" | "PyTorch" | "PyTorch compiled";

/** What is read of `data/bench/curves.json`. */
export interface CostReport extends Pick<BenchReport, "measured" | "busy" | "machine"> {
  readonly repetitions: number;
  /** Of every axis where another one is varied. */
  readonly base: Readonly<Partial<Record<CostAxis, number>>>;
  readonly points: readonly CostPoint[];
}

/**
 * A file of the benchmark.
 *
 * @param part its name, such as `training` or `curves`
 * @throws with the command that makes it where it is missing
 */
export function readBench(part: "curves"): CostReport;
export function readBench(part: string): BenchReport;
export function readBench(part: string): unknown {
  const file = join(dataFolder, "bench", `${part}.json`);
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(
      `data/bench/${part}.json cannot be read; \`npm run bench -- ${part}\` makes it.`,
      {
        cause,
      },
    );
  }
}
