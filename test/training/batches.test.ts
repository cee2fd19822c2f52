import { expect, test } from "vitest";
import {
  bucketFor,
  epochBatches,
  evaluationBatches,
  tokenBuckets,
  trainingBatches,
} from "../../src/training/batches";

const lengths = Array.from({ length: 403 }, (_, row) => 5 + ((row * 7919) % 90));
const batch = 32;
const buckets = tokenBuckets(lengths, batch);

test("buckets ascend, hold the longest row and are few", () => {
  expect(buckets).toEqual([...buckets].sort((a, b) => a - b));
  expect(buckets.at(-1)).toBeGreaterThanOrEqual(Math.max(...lengths));
  expect(buckets.length).toBeLessThan(8);
  expect(tokenBuckets([12, 12, 12], 2)).toEqual([12]);
  expect(tokenBuckets([], 2)).toEqual([]);
});

test("a few long rows get a bucket of their own when that is cheaper than padding everything", () => {
  const short = Array.from({ length: 320 }, () => 10);
  expect(tokenBuckets([...short, ...Array.from({ length: 32 }, () => 120)], 32)).toEqual([12, 120]);
  expect(tokenBuckets([10, 10, 20], 1)).toEqual([20]);
});

test("an epoch has every row once, none longer than its batch's shape", () => {
  const batches = epochBatches(lengths, { batch, buckets, seed: 1, epoch: 0 });
  expect(batches.length).toBe(Math.ceil(lengths.length / batch));
  expect(batches.flatMap(({ rows }) => rows).sort((a, b) => a - b)).toEqual([...lengths.keys()]);
  for (const { shape, rows } of batches) {
    const longest = Math.max(...rows.map((row) => lengths[row]!));
    expect(shape).toEqual({ batch, tokens: bucketFor(longest, buckets) });
  }
});

test("rows of similar length share a batch: less padding than in random order", () => {
  const padded = (grouped: readonly (readonly number[])[]) =>
    grouped.reduce((sum, rows) => sum + batch * Math.max(...rows.map((row) => lengths[row]!)), 0);
  const random = Array.from({ length: 12 }, (_, i) =>
    [...lengths.keys()].slice(i * 32, i * 32 + 32),
  );
  const bucketed = epochBatches(lengths, { batch, buckets, seed: 1, epoch: 0 }).map((b) => b.rows);
  expect(padded(bucketed)).toBeLessThan(0.8 * padded(random));
});

test("the order depends on seed and epoch and on nothing else", () => {
  const order = (seed: number, epoch: number) =>
    JSON.stringify(epochBatches(lengths, { batch, buckets, seed, epoch }));
  expect(order(1, 0)).toBe(order(1, 0));
  expect(new Set([order(1, 0), order(1, 1), order(2, 0), order(2, 1)]).size).toBe(4);
});

test("batches of a run follow epoch after epoch, from any step", () => {
  const at = trainingBatches(lengths, { batch, buckets, seed: 3 });
  const perEpoch = Math.ceil(lengths.length / batch);
  const second = epochBatches(lengths, { batch, buckets, seed: 3, epoch: 1 });
  expect(at(perEpoch + 4)).toEqual(second[4]);
  expect(at(2)).toEqual(epochBatches(lengths, { batch, buckets, seed: 3, epoch: 0 })[2]);
});

test("evaluation takes every row once", () => {
  const rows = evaluationBatches(lengths, { batch: 64, buckets }).flatMap((b) => b.rows);
  expect(rows.sort((a, b) => a - b)).toEqual([...lengths.keys()]);
});
