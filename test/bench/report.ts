import { median } from "simple-statistics";
import type { Precision } from "../../src/engine";
import type { Comparison, Part, Peer, Side } from "./comparisons";
import { gigaflopOf } from "./flops";
import type { Machine } from "./machine";
import type { Products, Round, Row } from "./run";
import type { Measurement, ProductPrecision, ProductsWork, Work } from "./work";

/** A value a repetition, and their median. */
export interface Values {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Ours against the best of a peer's sides. */
export interface PeerResult {
  readonly peer: string;
  readonly sides: readonly Side[];
  /** Our steps a second over theirs. */
  readonly speed: Values;
  /** Our peak memory over theirs; null where it is not compared. */
  readonly memory: Values | null;
  readonly expected: { readonly speed: number; readonly memory: number | null };
}

export interface RowResult {
  readonly name: string;
  readonly label: string;
  readonly unit: Comparison["unit"];
  readonly trainable: number;
  /** A step or a pass: of each process the median. */
  readonly milliseconds: Readonly<Partial<Record<Side, Values>>>;
  readonly peakMiB: Readonly<Partial<Record<Side, Values>>>;
  readonly peers: readonly PeerResult[];
  /** Rows a batch, of sides that chose. */
  readonly batches: Readonly<Partial<Record<Side, number>>>;
  /** Sides that were not measured in every repetition, and why. */
  readonly leftOut: Row["leftOut"];
  /** GFLOP in the matrix products of our step, and their speed over the fastest matrix product's. */
  readonly gigaflop: number | null;
  readonly ofPeak: Values | null;
}

/** GFLOP/s by precision, a value a shape. */
export type ProductValues = Readonly<Record<ProductPrecision, readonly Values[]>>;

/** What `data/bench/<part>.json` holds. */
export interface BenchReport {
  readonly part: Part;
  readonly measured: string;
  readonly machine: Machine;
  /** Warning that stood at the start, or null on an idle machine. */
  readonly busy: string | null;
  readonly repetitions: number;
  /** Before the clock and on it; a row may have fewer. */
  readonly steps: { readonly warmup: number; readonly timed: number };
  /** What else a reader must know of this measurement. */
  readonly remarks?: readonly string[];
  /** Where texts came from. */
  readonly data: "GLUE" | "sample corpus" | null;
  readonly threads: Readonly<Partial<Record<Side, number>>>;
  /** By package. */
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly RowResult[];
  /** Labels of the part's rows that were not asked for. */
  readonly notMeasured: readonly string[];
  readonly products: {
    readonly shapes: ProductsWork["shapes"];
    readonly pytorch: ProductValues;
    readonly peftlab: ProductValues;
    /** float32 by the engine's own kernel; null on a GPU. */
    readonly kernel: readonly Values[] | null;
  } | null;
  /** Seconds in all, and peak memory until then over that of steps alone. */
  readonly compile: { readonly seconds: Values; readonly memory: Values | null } | null;
}

/**
 * Medians over the repetitions; ratios are taken within each, so that a machine that slows down meanwhile does not
 * count for one side.
 *
 * @param peaks by repetition; none where they were not measured
 * @throws when the sides did not do the same
 */
export function summarise(
  { comparison, rounds, batches, leftOut }: Row,
  peaks: readonly Peaks[] = [],
): RowResult {
  for (const { sides } of rounds) checkSame(comparison, sides);
  const per = ({ work }: Round) => (work.kind === "epoch" ? work.batches.length : 1);
  const time = (round: Round, side: Side) =>
    median([...round.sides[side]!.milliseconds]) / per(round);
  const peak = (round: Round, side: Side) => round.sides[side]!.peakBytes / 2 ** 20;
  const bySide = (of: (round: Round, side: Side) => number) => {
    const sides = new Set(rounds.flatMap(({ sides }) => Object.keys(sides) as Side[]));
    return Object.fromEntries(
      [...sides].map((side) => [
        side,
        values(rounds.filter((round) => round.sides[side]).map((round) => of(round, side))),
      ]),
    );
  };
  const best = ({ sides }: Peer, of: (round: Round, side: Side) => number, round: Round) =>
    Math.min(...sides.filter((side) => round.sides[side]).map((side) => of(round, side)));
  const gigaflop = rounds.map(({ work }) => gigaflopOf(work));
  const shares = rounds.map((round, at) => {
    const [work, peak] = [gigaflop[at]!, peaks[at]];
    const precision = precisionOf(round.work);
    const fastest = precision === "tf32" ? undefined : peak?.[precision];
    return work === null || !fastest ? null : work / (time(round, "peftlab") / 1000) / fastest;
  });
  const { name, label, unit } = comparison;
  return {
    ...{ name, label, unit },
    trainable: rounds[0]!.sides.peftlab!.trainable,
    milliseconds: bySide(time),
    peakMiB: bySide(peak),
    peers: comparison.peers.map((peer) => ({
      ...{ peer: peer.name, sides: peer.sides },
      speed: values(rounds.map((round) => best(peer, time, round) / time(round, "peftlab"))),
      memory:
        peer.memory === undefined
          ? null
          : values(rounds.map((round) => peak(round, "peftlab") / best(peer, peak, round))),
      expected: { speed: peer.speed, memory: peer.memory ?? null },
    })),
    ...{ batches, leftOut },
    gigaflop: gigaflop.some((one) => one === null) ? null : median(gigaflop.map((one) => one!)),
    ofPeak: shares.some((share) => share === null) ? null : values(shares.map((share) => share!)),
  };
}

/** GFLOP/s of the fastest product. */
export type Peaks = Readonly<Record<ProductPrecision, number>>;

export const peaksOf = (products: readonly Products[]): Peaks[] =>
  products.map(({ peftlab: { gigaflops } }) => ({
    float32: Math.max(...gigaflops.float32),
    bfloat16: Math.max(...gigaflops.bfloat16),
  }));

const precisionOf = (work: Work): Precision => ("precision" in work ? work.precision : "float32");

/** @throws when a side trained another number of parameters, or computed something else */
function checkSame({ label, tolerance }: Comparison, sides: Round["sides"]): void {
  const { trainable, check } = sides.peftlab!;
  for (const [side, found] of Object.entries(sides) as [Side, Measurement][]) {
    // onnxruntime does not know of training.
    if (found.trainable !== trainable && found.trainable !== 0)
      throw new Error(
        `${label}: ${side} trains ${found.trainable} parameters, peftlab ${trainable}`,
      );
    if (!(Math.abs(found.check - check) <= tolerance))
      throw new Error(
        `${label}: ${side} computes ${found.check}, peftlab ${check}; at most ${tolerance} may lie between`,
      );
  }
}

export function values(all: readonly number[]): Values {
  return { median: median([...all]), lowest: Math.min(...all), highest: Math.max(...all) };
}
