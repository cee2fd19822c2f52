import { seeded } from "../glue/random";

/** Rows that make one step, by index. */
export type Batch = readonly number[];

/** Batches among which rows of similar length are brought together. */
const pool = 50;

/** Tokens of an evaluation's batch: no gradients are kept, so more fit than in training. */
const evaluationTokens = 4096;

/** Tokens of a batch. */
export function tokensOf(lengths: readonly number[], batch: Batch): number {
  return batch.reduce((sum, row) => sum + lengths[row]!, 0);
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
  options: { batch: number; seed: number; epoch: number },
): Batch[] {
  const random = seeded(`order ${options.seed}, epoch ${options.epoch}`);
  const order = random.shuffle([...lengths.keys()]);
  const batches: Batch[] = [];
  for (const rows of chunks(order, options.batch * pool)) {
    const byLength = rows.sort((a, b) => lengths[a]! - lengths[b]!);
    batches.push(...chunks(byLength, options.batch));
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
  options: { batch: number; seed: number },
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

/** Every row once, sorted by length, as many to a batch as its tokens allow, one at least: those of an evaluation. */
export function evaluationBatches(lengths: readonly number[]): Batch[] {
  const order = [...lengths.keys()].sort((a, b) => lengths[a]! - lengths[b]!);
  const batches: number[][] = [];
  let room = 0;
  for (const row of order) {
    room -= lengths[row]!;
    if (room < 0 || batches.length === 0) {
      batches.push([]);
      room = evaluationTokens - lengths[row]!;
    }
    batches.at(-1)!.push(row);
  }
  return batches;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const result: T[][] = [];
  for (let start = 0; start < items.length; start += size)
    result.push(items.slice(start, start + size));
  return result;
}
