import { expect, test } from "vitest";
import {
  epochBatches,
  evaluationBatches,
  tokensOf,
  trainingBatches,
} from "../../src/training/batches";

const lengths = Array.from({ length: 403 }, (_, row) => 5 + ((row * 7919) % 90));
const batch = 32;

test("an epoch has every row once, in batches of 32", () => {
  const batches = epochBatches(lengths, { batch, seed: 1, epoch: 0 });
  expect(batches.length).toBe(Math.ceil(lengths.length / batch));
  expect(batches.flat().sort((a, b) => a - b)).toEqual([...lengths.keys()]);
  expect(batches.filter((rows) => rows.length === batch).length).toBe(12);
});

test("rows of similar length share a batch: their lengths are closer than in random order", () => {
  const spread = (grouped: readonly (readonly number[])[]) =>
    grouped.reduce((sum, rows) => {
      const own = rows.map((row) => lengths[row]!);
      return sum + Math.max(...own) - Math.min(...own);
    }, 0);
  const random = Array.from({ length: 12 }, (_, i) =>
    [...lengths.keys()].slice(i * 32, i * 32 + 32),
  );
  const near = epochBatches(lengths, { batch, seed: 1, epoch: 0 });
  expect(spread(near)).toBeLessThan(0.2 * spread(random));
});

test("the order depends on seed and epoch and on nothing else", () => {
  const order = (seed: number, epoch: number) =>
    JSON.stringify(epochBatches(lengths, { batch, seed, epoch }));
  expect(order(1, 0)).toBe(order(1, 0));
  expect(new Set([order(1, 0), order(1, 1), order(2, 0), order(2, 1)]).size).toBe(4);
});

test("the order stays what it was: records are compared by it", () => {
  expect(epochBatches(lengths.slice(0, 10), { batch: 4, seed: 1, epoch: 0 })).toEqual([
    [6, 5, 4, 3],
    [2, 1],
    [0, 9, 8, 7],
  ]);
});

test("batches of a run follow epoch after epoch, from any step", () => {
  const at = trainingBatches(lengths, { batch, seed: 3 });
  const perEpoch = Math.ceil(lengths.length / batch);
  const second = epochBatches(lengths, { batch, seed: 3, epoch: 1 });
  expect(at(perEpoch + 4)).toEqual(second[4]);
  expect(at(2)).toEqual(epochBatches(lengths, { batch, seed: 3, epoch: 0 })[2]);
});

test("evaluation takes every row once, sorted by length, as many as 4096 tokens hold", () => {
  const batches = evaluationBatches(lengths);
  const rows = batches.flat();
  expect(rows.map((row) => lengths[row])).toEqual([...lengths].sort((a, b) => a - b));
  expect([...rows].sort((a, b) => a - b)).toEqual([...lengths.keys()]);
  const tokens = batches.map((rows) => tokensOf(lengths, rows));
  expect(Math.max(...tokens)).toBeLessThanOrEqual(4096);
  // A batch ends where the next row would have been too much.
  tokens.slice(0, -1).forEach((sum, at) => {
    expect(sum + lengths[batches[at + 1]![0]!]!).toBeGreaterThan(4096);
  });
});

test("a row of more tokens is a batch of its own; of no rows there is none", () => {
  expect(evaluationBatches([5000, 2, 6000])).toEqual([[1], [0], [2]]);
  expect(evaluationBatches([])).toEqual([]);
});
