import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadPretrained } from "../../src/models";
import { minilmFolder } from "../../src/setup/paths";
import { trainMrpc } from "./mrpc";
import { makePlan } from "./plan";
import { readRecord, writeRecord } from "./record";

const pretrained = loadPretrained(minilmFolder);
const row = (n: number) => ({
  text: `Ship ${n} left.`,
  pair: n % 2 ? `Ship ${n} sailed.` : "It rained.",
  target: n % 2,
});
// A batch of 32 and one of 4 an epoch.
const plan = makePlan({
  train: Array.from({ length: 36 }, (_, n) => row(n)),
  dev: Array.from({ length: 35 }, (_, n) => row(100 + n)),
  tokenizer: pretrained.tokenizer,
  hiddenSize: pretrained.config.hiddenSize,
  seeds: [1],
});

test("a few steps of our side give a record, the same one again, that is found under its plan only", () => {
  const run = () =>
    trainMrpc({ plan, pretrained, method: "bitfit", seed: 1, steps: 3, onStep: () => {} });
  const { seconds, ...first } = run();
  expect(first).toMatchObject({ side: "peftlab", trainable: 174_338, steps: 3 });
  expect(first.predictions).toMatch(/^[01]{35}$/);
  // Two steps an epoch.
  expect(first.losses).toHaveLength(2);
  // The first step has rate 0, so this epoch's losses are the start's.
  expect(Math.abs(first.losses[0]! - Math.LN2)).toBeLessThan(0.2);
  expect(run()).toMatchObject(first);

  const folder = mkdtempSync(join(tmpdir(), "peftlab-parity-"));
  try {
    const record = { ...first, seconds, plan: "a" };
    writeRecord(folder, record);
    expect(readRecord(folder, record, "a")).toEqual(record);
    expect(readRecord(folder, record, "b")).toBeUndefined();
    expect(readRecord(folder, { ...record, seed: 2 }, "a")).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a seed that is not planned, or another dropout, stops", () => {
  expect(() => trainMrpc({ plan, pretrained, method: "full", seed: 9 })).toThrow("seed 9");
  const dry = { ...pretrained, config: { ...pretrained.config, hiddenDropout: 0 } };
  expect(() => trainMrpc({ plan, pretrained: dry, method: "full", seed: 1 })).toThrow("dropout");
});
