import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunOptions } from "../../src/experiments";
import { planRun } from "../../src/experiments/plan";
import { defineTask } from "../../src/glue";
import { methodByName } from "../../src/peft";
import { type TinyPlace, tinyClasses, tinyPlace, tinyRun } from "../fixtures/experiments/tiny-run";

let place: TinyPlace;
beforeAll(() => {
  place = tinyPlace();
});
afterAll(() => place.remove());

const plan = (changes: Partial<RunOptions> = {}) => planRun(tinyRun(place, changes));

test("every setting is part of the hash", async () => {
  const changes: Partial<RunOptions>[] = [
    {},
    { seed: 2 },
    { seeds: { order: 9 } },
    { seeds: { dropout: 9 } },
    { seeds: { init: 9 } },
    { learningRate: 2e-3 },
    { batchSize: 16 },
    { maxTokens: 16 },
    { head: "mean" },
    { fraction: 0.5 },
    { fraction: 0.5, subsetSeed: 2 },
    { evaluations: 1 },
    { budget: { steps: 2 } },
    { method: methodByName("bitfit") },
    { method: methodByName("bitfit", { biases: ["query"] }) },
    { method: methodByName("head-only") },
    { method: methodByName("head-only"), features: false },
    { task: defineTask({ ...tinyClasses().definition, metrics: ["matthews"] }) },
    { task: defineTask({ ...tinyClasses().definition, labels: ["yes", "no"] }) },
  ];
  const hashes = [];
  for (const change of changes) hashes.push((await plan(change)).hash);
  expect(new Set(hashes).size).toBe(changes.length);
});

test("how a run is watched, and what changes nothing, is not", async () => {
  const { hash } = await plan();
  const same: Partial<RunOptions>[] = [
    { progress: undefined },
    { store: place.folder },
    { signal: new AbortController().signal },
    { seed: 1, seeds: {}, fraction: 1, head: "pooler", evaluations: 5 },
    // A subset of all rows is all rows.
    { subsetSeed: 7 },
  ];
  for (const change of same) expect((await plan(change)).hash).toBe(hash);
});

test("epochs are steps: a run is named by what it does, not by how it was asked for", async () => {
  const epochs = await plan({ budget: { epochs: 2 } });
  expect(epochs.specification.budget).toEqual({ steps: 2 * Math.ceil(300 / 8) });
  expect((await plan({ budget: { steps: 76 } })).hash).toBe(epochs.hash);
  const half = await plan({ budget: { epochs: 2 }, fraction: 0.5 });
  expect(half.rows.length).toBe(150);
  expect(half.specification.budget).toEqual({ steps: 2 * Math.ceil(150 / 8) });
});

test("the defaults are those of the documentation", async () => {
  const method = methodByName("bitfit");
  const { specification } = await planRun({
    task: tinyClasses(),
    method,
    model: place.model,
    maxTokens: 32,
  });
  expect(specification).toMatchObject({
    fraction: 1,
    budget: { steps: 3 * Math.ceil(300 / 32) },
    learningRate: method.learningRate,
    batchSize: 32,
    head: "pooler",
    features: false,
    evaluations: 5,
    seeds: { init: 1, order: 1, dropout: 1 },
    optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, clip: 1, warmup: 0.1 },
  });
});
