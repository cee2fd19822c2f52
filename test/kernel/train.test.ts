import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { root } from "../../src/setup/paths";
import { tinyFolder } from "../models/tiny";
import { converse } from "./conversation";

// A kernel takes seconds to start, and more on a busy machine.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const model = tinyFolder();
const store = mkdtempSync(join(tmpdir(), "peftlab-runs-"));
afterAll(() => {
  for (const folder of [join(model, ".."), store]) rmSync(folder, { recursive: true });
});

test("■ stops a training run at a step, and the cell run again goes on from there", () => {
  const steps = 500;
  const prepare = `import { defineTask, peft, train } from "../src";
import { readFileSync, readdirSync } from "node:fs";
const rows = Array.from({ length: 64 }, (_, row) => ({ text: \`word\${row} word\${row % 7}\`, label: row % 2 ? "yes" : "no" }));
const task = defineTask({ name: "tiny", rows: { train: rows, validation: rows, test: rows }, columns: { text: "text", target: "label" }, labels: ["no", "yes"], metrics: ["accuracy"] });`;
  const cell = `const run = await train({ task, method: peft.bitfit(), budget: { steps: ${steps} }, batchSize: 8, maxTokens: 16, model: ${JSON.stringify(model)}, store: ${JSON.stringify(store)} });
console.log(run.record.steps);`;
  const saved = `const files = readdirSync(${JSON.stringify(store)}, { recursive: true }) as string[];
const state = files.find((file) => file.endsWith("state.json"))!;
JSON.parse(readFileSync(\`${store}/\${state}\`, "utf8")).loop.steps`;
  const [prepared, stopped, stepsSaved, finished, again] = converse(join(root, "notebooks"), [
    { execute: prepare },
    { execute: cell, interruptAt: "steps/s" },
    { execute: saved },
    { execute: cell },
    { execute: cell },
  ]);
  expect(prepared).toMatchObject({ status: "ok", stderr: "" });
  expect(stopped!.status).toBe("error");
  const done = Number(stepsSaved!.result!["text/plain"]);
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThan(steps);
  // The second time begins where the first one stopped, and ends.
  expect(finished).toMatchObject({ status: "ok", stdout: `${steps}\n` });
  const first = finished!.displays.map(({ data }) => /(\d+)\/500 steps/.exec(data["text/plain"]!));
  expect(Number(first.find((match) => match)![1])).toBeGreaterThanOrEqual(done);
  // The third time there is nothing to do.
  expect(again).toMatchObject({ status: "ok", stdout: `${steps}\n` });
  expect(again!.displays.filter(({ data }) => data["text/plain"]!.includes("steps/s"))).toEqual([]);
});
