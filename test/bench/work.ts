import { seeded } from "../../src/glue/random";

/** What both sides of the training benchmark do: the same batches, in a file that both read. */
export interface Work {
  readonly batch: number;
  readonly tokens: number;
  /** Steps before the clock starts, and steps on the clock. */
  readonly warmup: number;
  readonly steps: number;
  readonly dropout: number;
  readonly learningRate: Readonly<Record<BenchMethod, number>>;
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly decay: number;
  readonly clip: number;
  readonly lora: { readonly rank: number; readonly alpha: number };
  /** Taken in turn. */
  readonly batches: readonly WorkBatch[];
}

/** Rows of equal length, the shorter ones padded with 0. */
export interface WorkBatch {
  readonly ids: readonly (readonly number[])[];
  readonly types: readonly (readonly number[])[];
  readonly mask: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

export const benchMethods = ["full", "bitfit", "lora"] as const;
export type BenchMethod = (typeof benchMethods)[number];

/** What one process reports as the last line of its output, as JSON. */
export interface Measurement {
  /** Of each step on the clock. */
  readonly milliseconds: readonly number[];
  /** Largest resident set of the process. */
  readonly peakBytes: number;
  readonly trainable: number;
  /** Mean over the steps on the clock: both sides must be doing the same. */
  readonly loss: number;
  readonly threads: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** Pairs of random word pieces as batches by length hold them: the longest row full, the others nearly. */
export function makeWork({ vocabulary = 30522, batch = 32, tokens = 64, steps = 20 } = {}): Work {
  const random = seeded("bench");
  const row = (length: number) => {
    const second = Math.ceil(length / 2);
    const fill = (value: (at: number) => number) =>
      Array.from({ length: tokens }, (_, at) => (at < length ? value(at) : 0));
    return {
      ids: fill(() => 1000 + random.below(vocabulary - 1000)),
      types: fill((at) => Number(at >= second)),
      mask: fill(() => 1),
      label: random.below(2),
    };
  };
  const batches = Array.from({ length: 4 }, () => {
    const rows = Array.from({ length: batch }, (_, i) =>
      row(i === 0 ? tokens : tokens - random.below(Math.ceil(tokens / 8))),
    );
    return {
      ids: rows.map((r) => r.ids),
      types: rows.map((r) => r.types),
      mask: rows.map((r) => r.mask),
      labels: rows.map((r) => r.label),
    };
  });
  return {
    ...{ batch, tokens, warmup: 5, steps, dropout: 0.1 },
    learningRate: { full: 5e-5, bitfit: 2e-3, lora: 1e-3 },
    ...{ betas: [0.9, 0.999], epsilon: 1e-8, decay: 0.01, clip: 1 },
    lora: { rank: 8, alpha: 8 },
    batches,
  };
}
