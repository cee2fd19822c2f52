import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  checkpointTimer,
  readCheckpoint,
  removeCheckpoint,
  writeCheckpoint,
} from "../../src/experiments/checkpoint";
import { prepareFolder, type RunFolder, runFolder } from "../../src/experiments/store";
import { startOfLoop } from "../../src/training/loop";
import { exampleSpecification } from "../fixtures/experiments/record";

let store: string;
let folder: RunFolder;
beforeEach(() => {
  store = mkdtempSync(join(tmpdir(), "peftlab-checkpoint-"));
  folder = runFolder(store, "f".repeat(64));
  prepareFolder(folder, exampleSpecification());
});
afterEach(() => rmSync(store, { recursive: true }));

const at = (steps: number) => {
  const tensor = (value: number) => ({
    shape: [2],
    data: Float32Array.of(value, Math.fround(0.1)),
  });
  return {
    step: {
      count: steps,
      parameters: new Map([["classifier.bias", tensor(steps)]]),
      slots: new Map([
        ["m/classifier.bias", tensor(-steps)],
        ["v/classifier.bias", tensor(1e-30)],
      ]),
    },
    loop: { ...startOfLoop, steps, seconds: 0.1 + steps, pending: { sum: 0.1 + 0.2, count: 2 } },
  };
};

test("a checkpoint comes back bit for bit, and the newest is the only one", () => {
  expect(readCheckpoint(folder)).toBeUndefined();
  writeCheckpoint(folder, at(3));
  writeCheckpoint(folder, at(5));
  expect(readCheckpoint(folder)).toEqual(at(5));
  expect(readdirSync(folder.path).sort()).toEqual([
    "checkpoint-5.safetensors",
    "specification.json",
    "state.json",
  ]);
  removeCheckpoint(folder);
  expect(readCheckpoint(folder)).toBeUndefined();
  expect(readdirSync(folder.path)).toEqual(["specification.json"]);
});

test("killed between its two files, a checkpoint is still the old one", () => {
  writeCheckpoint(folder, at(3));
  writeFileSync(join(folder.path, "checkpoint-5.safetensors"), "half");
  expect(readCheckpoint(folder)).toEqual(at(3));
});

test("a checkpoint that is cut short is named", () => {
  writeCheckpoint(folder, at(3));
  writeFileSync(join(folder.path, "checkpoint-3.safetensors"), "half");
  expect(() => readCheckpoint(folder)).toThrow("checkpoint-3.safetensors");
  writeFileSync(folder.state, "{");
  expect(() => readCheckpoint(folder)).toThrow("state.json: not JSON");
});

test("writing takes about a fiftieth of the time", () => {
  let time = 0;
  const timer = checkpointTimer(() => time);
  let spent = 0;
  for (let step = 0; step < 9000; step++) {
    time += 100;
    timer.maybe(() => {
      time += 1500;
      spent += 1500;
    });
  }
  expect(spent / time).toBeGreaterThan(0.01);
  expect(spent / time).toBeLessThan(0.025);
});
