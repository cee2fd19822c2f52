import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadPretrained } from "../../src/models";
import { madeUpTexts } from "./made-up";
import {
  epochWork,
  evaluateWork,
  sizesWork,
  stepsWork,
  tokeniseWork,
  writeEncoder,
} from "./make-work";

const folder = mkdtempSync(join(tmpdir(), "peftlab-bench-"));
afterAll(() => rmSync(folder, { recursive: true }));

const texts = madeUpTexts(200, [1, 2]);

test("steps are the same in every process, the longest row full and the others nearly", () => {
  const work = stepsWork({});
  expect(stepsWork({})).toEqual(work);
  for (const batch of work.batches) {
    const lengths = batch.map(({ ids }) => ids.length);
    expect([lengths.length, Math.max(...lengths)]).toEqual([32, 64]);
    expect(Math.min(...lengths)).toBeGreaterThan(64 * (7 / 8) - 1);
    expect(new Set(lengths).size).toBeGreaterThan(1);
  }
  expect(sizesWork([8, 16], 2).batches.map((batch) => batch[0]!.ids.length)).toEqual([8, 16]);
});

test("the parts of an epoch together have every row once", () => {
  const parts = [0, 1, 2].map((part) => epochWork(texts, { part, parts: 3, most: 99 }));
  const rows = parts.flatMap(({ batches }) => batches.flat());
  expect([...rows].sort((a, b) => a - b)).toEqual([...texts.train.keys()]);
  expect(epochWork(texts, { part: 1, parts: 3, most: 1 }).batches).toEqual(
    parts[1]!.batches.slice(0, 1),
  );
});

test("other works have the rows of their files", () => {
  expect(evaluateWork(texts, { batches: [8], passes: 1 }).rows).toBe(texts.dev);
  expect(tokeniseWork([texts, texts], 1).rows).toHaveLength(400);
});

test("an encoder of another shape can be loaded as any", () => {
  const shape = { layers: 1, hiddenSize: 24, heads: 2, intermediateSize: 48 };
  const { config, parameters, tokenizer } = loadPretrained(writeEncoder(folder, shape));
  expect(config).toMatchObject({ ...shape, vocabSize: 30522 });
  expect(parameters.get("bert.pooler.dense.weight")!.shape).toEqual([24, 24]);
  expect(tokenizer.encode("a b", undefined, 8).ids).toHaveLength(4);
});
