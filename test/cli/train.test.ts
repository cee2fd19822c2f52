import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunRecord } from "../../src/experiments";
import { methodNames } from "../../src/peft";
import { type TinyPlace, tinyClasses, tinyPlace } from "../fixtures/experiments/tiny-run";
import { command } from "./command";

let place: TinyPlace;
let task: string;
beforeAll(() => {
  place = tinyPlace();
  task = join(place.folder, "my-task.json");
  writeFileSync(task, JSON.stringify(tinyClasses().definition));
});
afterAll(() => place.remove());

const train = (...args: string[]) =>
  command(
    [
      "train",
      "--task",
      task,
      "--model",
      place.model,
      "--max-tokens",
      "32",
      "--steps",
      "4",
      ...args,
    ],
    { PEFTLAB_RUNS: place.store },
  );

test("--json prints the record and nothing else; the second time from the store", async () => {
  const args = ["--method", "bitfit", "--fraction", "0.3", "--seed", "3", "--json"];
  const first = await train(...args);
  expect(first.status, first.err).toBe(0);
  const record = JSON.parse(first.out) as RunRecord;
  expect(record).toMatchObject({
    task: "tiny-classes",
    method: "bitfit",
    examples: 90,
    steps: 4,
    seed: 3,
    data: { source: "own", fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) },
    model: { name: "tiny", fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) },
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    scores: { accuracy: expect.any(Number), f1: expect.any(Number) },
  });
  expect(record.trainable).toBeLessThan(record.total);
  expect(record.curve.length).toBe(4);
  // One line on the way, since this is no terminal.
  expect(
    first.err
      .trim()
      .split("\n")
      .filter((line) => line.includes("4/4 steps")),
  ).toHaveLength(1);
  expect(readdirSync(place.store)).toContain(record.hash);

  const again = await train(...args);
  expect(again.out).toBe(first.out);
  expect(again.err).not.toContain("steps");
});

test("without --json it prints a summary; --save leaves what was trained", async () => {
  const folder = join(place.folder, "saved");
  const { status, out, err } = await train(
    "--method",
    "lora",
    "--settings",
    "rank=2",
    "--save",
    folder,
  );
  expect(status, err).toBe(0);
  expect(out).toMatch(/^task +tiny-classes/);
  expect(out).toMatch(/lora on tiny/);
  expect(readdirSync(folder).sort()).toEqual(["merged", "run.json", "trained.safetensors"]);
  expect(readdirSync(join(folder, "merged")).sort()).toEqual([
    "config.json",
    "model.safetensors",
    "vocab.txt",
  ]);
});

test("--help lists every option with its default", async () => {
  const { status, out } = await command(["train", "--help"]);
  expect(status).toBe(0);
  const options =
    "task method settings fraction subset-seed epochs steps seconds calibration seed learning-rate " +
    "batch-size max-tokens head no-features evaluations model save json";
  for (const option of options.split(" ")) expect(out).toContain(`--${option}`);
  for (const method of methodNames) expect(out).toContain(method);
  expect(out.replace(/\s+/g, " ")).toMatch(/rows a step \(default: 32\)/);
});

test("a wrong value says which are right, and nothing is trained", async () => {
  const wrong: [string[], RegExp][] = [
    [["--method", "bitfi"], /full, head-only, bitfit/],
    [["--method", "bitfit", "--task", "mrp"], /mrpc, cola, stsb/],
    [["--method", "bitfit", "--fraction", "30"], /above 0 and up to 1/],
    [["--method", "bitfit", "--head", "tail"], /pooler, frozen-pooler, mean/],
    [["--method", "bitfit", "--batch-size", "x"], /whole number above 0/],
    [["--method", "bitfit", "--epochs", "2"], /--epochs .*cannot be used with .*--steps/],
    [["--method", "lora", "--settings", "rnk=4"], /rnk.*"rank":8/],
    [["--method", "lora", "--settings", "four"], /name=value/],
    [["--method", "bitfit", "--model", "/nowhere"], /\/nowhere/],
    [[], /--method/],
  ];
  const store = join(place.folder, "untouched");
  const results = await Promise.all(
    wrong.map(([args]) =>
      command(["train", "--task", task, "--steps", "4", ...args], { PEFTLAB_RUNS: store }),
    ),
  );
  results.forEach(({ status, out, err }, at) => {
    expect(status, wrong[at]![0].join(" ")).not.toBe(0);
    expect(err).toMatch(wrong[at]![1]);
    expect(out).toBe("");
  });
  expect(existsSync(store)).toBe(false);
});
