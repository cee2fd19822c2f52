import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { loadPretrained } from "../../src/models";
import { minilmFolder } from "../../src/setup/paths";
import { makePlan } from "./plan";
import { fingerprint, readRecord } from "./record";
import { trainAll } from "./run";

const folder = mkdtempSync(join(tmpdir(), "peftlab-parity-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a run leaves its record, and is not run again under the same plan", async () => {
  const { tokenizer, config } = loadPretrained(minilmFolder);
  const rows = Array.from({ length: 12 }, (_, n) => ({
    text: `Ship ${n} left.`,
    pair: n % 2 ? `Ship ${n} sailed.` : "It rained.",
    target: n % 2,
  }));
  const { hiddenSize } = config;
  const plan = makePlan({ train: rows, dev: rows, tokenizer, hiddenSize, seeds: [1] });
  const text = JSON.stringify(plan);
  const file = join(folder, "plan.json");
  writeFileSync(file, text);
  const run = { side: "peftlab", method: "bitfit", seed: 1 } as const;
  const options = { file, folder, hash: fingerprint(text), steps: plan.recipe.rates.length };
  const log = vi.spyOn(console, "log").mockImplementation(() => {});

  await trainAll([run], options);
  const record = readRecord(folder, run, fingerprint(text))!;
  expect(record).toMatchObject({ ...run, steps: 4, trainable: 174_338 });
  expect(record.predictions).toMatch(/^[01]{12}$/);

  await trainAll([run], options);
  expect(readRecord(folder, run, fingerprint(text))!.seconds).toBe(record.seconds);
  log.mockRestore();
});
