import type { BatchShape } from "../engine";
import { seeded } from "../glue/random";

/** Rows that make one step, by index; fewer than `shape.batch` where the rows ran out. */
export interface Batch {
  readonly shape: BatchShape;
  readonly rows: readonly number[];
}

/** Batches among which rows of similar length are brought together. */
const pool = 50;
/** Lengths are rounded up to a multiple of this. */
const multiple = 4;
/**
 * What another batch shape costs, in tokens of a row: compiling it and its first step take about as long as a batch of
 * 100 to 150 tokens, once a run of two or more epochs.
 */
const shapeCost = 100;

/**
 * Padded lengths for rows of these lengths: the few that cost least when rows of similar length share a batch,
 * counting padding and what every further shape costs. Depends on nothing but its arguments, so all methods and
 * seeds get the same.
 *
 * @param lengths tokens of each row
 * @param batch rows a batch
 * @returns ascending; the last holds the longest row
 */
export function tokenBuckets(lengths: readonly number[], batch: number): number[] {
  const ascending = [...lengths].sort((a, b) => a - b);
  const longest: number[] = [];
  for (let end = ascending.length; end > 0; end -= batch) {
    longest.unshift(Math.ceil(ascending[end - 1]! / multiple) * multiple);
  }
  // cheapest[n]: the first n batches in groups, each group as long as its last batch.
  const cheapest = [0];
  const start = [0];
  for (let end = 1; end <= longest.length; end++) {
    cheapest[end] = Number.POSITIVE_INFINITY;
    for (let first = 0; first < end; first++) {
      const cost = cheapest[first]! + longest[end - 1]! * (end - first) + shapeCost;
      if (cost < cheapest[end]!) {
        cheapest[end] = cost;
        start[end] = first;
      }
    }
  }
  const buckets: number[] = [];
  for (let end = longest.length; end > 0; end = start[end]!) buckets.unshift(longest[end - 1]!);
  return [...new Set(buckets)];
}

/** The smallest bucket that holds `length` tokens. */
export function bucketFor(length: number, buckets: readonly number[]): number {
  const bucket = buckets.find((tokens) => tokens >= length);
  if (bucket === undefined) throw new Error(`No bucket of ${buckets} holds ${length} tokens.`);
  return bucket;
}

/** Batches of one epoch: `Math.ceil(rows / batch)`. */
export function batchesPerEpoch(rows: number, batch: number): number {
  return Math.ceil(rows / batch);
}

/**
 * One epoch of training: every row once, rows of similar length together, in an order fixed by the seed and the
 * epoch and the same for every method.
 *
 * @param lengths tokens of each row
 * @param epoch 0-based
 */
export function epochBatches(
  lengths: readonly number[],
  options: { batch: number; buckets: readonly number[]; seed: number; epoch: number },
): Batch[] {
  const random = seeded(`order ${options.seed}, epoch ${options.epoch}`);
  const order = random.shuffle([...lengths.keys()]);
  const batches: Batch[] = [];
  for (const rows of chunks(order, options.batch * pool)) {
    const byLength = rows.sort((a, b) => lengths[a]! - lengths[b]!);
    for (const some of chunks(byLength, options.batch))
      batches.push(toBatch(some, lengths, options));
  }
  return random.shuffle(batches);
}

/**
 * The batches of a run, epoch after epoch.
 *
 * @returns the batch of a 0-based step
 */
export function trainingBatches(
  lengths: readonly number[],
  options: { batch: number; buckets: readonly number[]; seed: number },
): (step: number) => Batch {
  const perEpoch = batchesPerEpoch(lengths.length, options.batch);
  let current = { epoch: -1, batches: [] as Batch[] };
  return (step) => {
    const epoch = Math.floor(step / perEpoch);
    if (epoch !== current.epoch) {
      current = { epoch, batches: epochBatches(lengths, { ...options, epoch }) };
    }
    return current.batches[step % perEpoch]!;
  };
}

/** Every row once, sorted by length: the batches of an evaluation. */
export function evaluationBatches(
  lengths: readonly number[],
  options: { batch: number; buckets: readonly number[] },
): Batch[] {
  const order = [...lengths.keys()].sort((a, b) => lengths[a]! - lengths[b]!);
  return chunks(order, options.batch).map((rows) => toBatch(rows, lengths, options));
}

function toBatch(
  rows: readonly number[],
  lengths: readonly number[],
  { batch, buckets }: { batch: number; buckets: readonly number[] },
): Batch {
  const longest = rows.reduce((most, row) => Math.max(most, lengths[row]!), 1);
  return { shape: { batch, tokens: bucketFor(longest, buckets) }, rows };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const result: T[][] = [];
  for (let start = 0; start < items.length; start += size)
    result.push(items.slice(start, start + size));
  return result;
}
