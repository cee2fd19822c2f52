import type { Row } from "../../src/glue/types";
import type { Tokenizer } from "../../src/models/types";

/** A row as both sides see it: special tokens included, `second` is where segment B starts. */
export interface PlannedRow {
  readonly ids: readonly number[];
  readonly second: number;
  readonly label: number;
}

/** What one seed decides, dropout apart. */
export interface PlannedSeed {
  readonly seed: number;
  /** `[2, hidden]`, drawn from N(0, 0.02); the bias starts at 0. */
  readonly classifier: readonly (readonly number[])[];
  /** Indices into `train`, a list a step. */
  readonly batches: readonly (readonly number[])[];
}

/** Everything that both sides of the parity table share; what is left to each is its own dropout. */
export interface Plan {
  readonly recipe: typeof recipe & {
    /** Factor on the learning rate, step by step. */
    readonly rates: readonly number[];
  };
  readonly train: readonly PlannedRow[];
  readonly dev: readonly PlannedRow[];
  readonly seeds: readonly PlannedSeed[];
}

const recipe = {
  epochs: 4,
  batch: 32,
  /** PyTorch's batches are padded to a multiple of this many tokens; ours have no padding. */
  multiple: 16,
  learningRate: { full: 5e-5, bitfit: 2e-3 },
  betas: [0.9, 0.999],
  epsilon: 1e-8,
  decay: 0.01,
  clip: 1,
  dropout: 0.1,
  warmup: 0.1,
} as const;

const maxTokens = 128;
/** Rows sorted by length among each other: eight batches. */
const pool = 8 * recipe.batch;

/**
 * The plan of MRPC. Rows are put in the order of their texts first, so that it does not matter where they came from.
 */
export function makePlan(options: {
  readonly train: readonly Row[];
  readonly dev: readonly Row[];
  readonly tokenizer: Tokenizer;
  readonly hiddenSize: number;
  readonly seeds: readonly number[];
}): Plan {
  const train = planRows(options.train, options.tokenizer);
  const steps = recipe.epochs * Math.ceil(train.length / recipe.batch);
  return {
    recipe: { ...recipe, rates: linearRates(steps, Math.round(recipe.warmup * steps)) },
    train,
    dev: planRows(options.dev, options.tokenizer),
    seeds: options.seeds.map((seed) => {
      const uniform = mulberry32(seed);
      const classifier = [0, 1].map(() =>
        Array.from({ length: options.hiddenSize }, () => Math.fround(0.02 * normal(uniform))),
      );
      const batches = Array.from({ length: recipe.epochs }, () => epoch(train, uniform)).flat();
      return { seed, classifier, batches };
    }),
  };
}

function planRows(rows: readonly Row[], tokenizer: Tokenizer): PlannedRow[] {
  const key = (row: Row) => `${row.text}\t${row.pair}`;
  const sorted = [...rows].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
  return sorted.map((row) => {
    const { ids, types } = tokenizer.encode(row.text, row.pair, maxTokens);
    return { ids, second: types.indexOf(1), label: row.target! };
  });
}

/** One pass over all rows: shuffled, sorted by length within pools, batches shuffled again. */
function epoch(rows: readonly PlannedRow[], uniform: () => number): number[][] {
  const order = shuffled([...rows.keys()], uniform);
  const batches: number[][] = [];
  for (let start = 0; start < order.length; start += pool) {
    const near = order.slice(start, start + pool);
    near.sort((a, b) => rows[a]!.ids.length - rows[b]!.ids.length);
    for (let at = 0; at < near.length; at += recipe.batch)
      batches.push(near.slice(at, at + recipe.batch));
  }
  return shuffled(batches, uniform);
}

/** Up from 0 over `warmup` steps, then down to 0 at `steps`: transformers' `get_linear_schedule_with_warmup`. */
function linearRates(steps: number, warmup: number): number[] {
  return Array.from({ length: steps }, (_, step) =>
    step < warmup ? step / warmup : (steps - step) / (steps - warmup),
  );
}

function shuffled<T>(items: T[], uniform: () => number): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(uniform() * (last + 1));
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
  return items;
}

function normal(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Mulberry32: 32 bits of state are plenty for a shuffle. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
