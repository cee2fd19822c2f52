import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunFolder, readRecord, runFolder, storedHashes } from "../../src/experiments/store";
import type { RunRecord } from "../../src/experiments/types";
import { type TinyPlace, tinyPlace } from "../fixtures/experiments/tiny-run";

let place: TinyPlace;
beforeAll(() => {
  place = tinyPlace();
});
afterAll(() => place.remove());

/** A few each time; many in `npm run test:long`. */
const kills = process.env.PEFTLAB_LONG ? 20 : 3;
const script = join(__dirname, "../fixtures/experiments/train-tiny.ts");

interface Training {
  readonly process: ChildProcess;
  /** What it printed, when it has ended. */
  readonly ended: Promise<{ signal: string | null; out: string; err: string }>;
}

function start(store: string, method: string, steps: number): Training {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", script, place.folder, store, method, String(steps)],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => (out += text));
  child.stderr.on("data", (text) => (err += text));
  const ended = once(child, "close").then(([, signal]) => ({ signal, out: out.trim(), err }));
  return { process: child, ended };
}

function store(name: string): string {
  const folder = join(place.folder, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** The run that a store has begun. */
function onlyRun(folder: string): RunFolder | undefined {
  const [hash] = storedHashes(folder);
  return hash === undefined ? undefined : runFolder(folder, hash);
}

function stepsSaved(run: RunFolder | undefined): number {
  if (!run || !existsSync(run.state)) return 0;
  return JSON.parse(readFileSync(run.state, "utf8")).loop.steps;
}

/** Kills a training at a random moment after it has saved more than was saved before. */
async function killLater(training: Training, folder: string): Promise<number> {
  const before = stepsSaved(onlyRun(folder));
  while (stepsSaved(onlyRun(folder)) <= before && training.process.exitCode === null)
    await sleep(5);
  await sleep(Math.random() * 400);
  training.process.kill("SIGKILL");
  expect((await training.ended).signal, "ended before it was killed").toBe("SIGKILL");
  return stepsSaved(onlyRun(folder));
}

const withoutTimes = ({ curve }: RunRecord) => curve.map((point) => ({ ...point, seconds: 0 }));

test("killed again and again, a run ends with the weights of one that was not", {
  timeout: 1_800_000,
}, async () => {
  const [method, steps] = ["full", 800 * (kills + 1)];
  const [whole, broken] = [store("whole"), store("broken")];
  const first = start(broken, method, steps);
  // Somewhere in the start, where there is nothing to go on from.
  await sleep(300 + Math.random() * 1500);
  first.process.kill("SIGKILL");
  await first.ended;
  const saved: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    saved.push(await killLater(start(broken, method, steps), broken));
  }
  expect(saved).toEqual([...new Set(saved)].sort((a, b) => a - b));

  const results = await Promise.all(
    [whole, broken].map(async (folder) => {
      const { out, err } = await start(folder, method, steps).ended;
      expect(out, err).toMatch(/^[0-9a-f]{64} trained$/);
      const run = onlyRun(folder)!;
      return { run, record: readRecord(run)!, weights: readFileSync(run.trained) };
    }),
  );
  const [expected, found] = results as [(typeof results)[0], (typeof results)[0]];
  expect(found.record.hash).toBe(expected.record.hash);
  expect(found.weights.equals(expected.weights)).toBe(true);
  expect(withoutTimes(found.record)).toEqual(withoutTimes(expected.record));
  expect(found.record.scores).toEqual(expected.record.scores);
  expect(readdirSync(found.run.path).sort()).toEqual([
    "curve.jsonl",
    "record.json",
    "specification.json",
    "trained.safetensors",
  ]);
});

test("two processes that want the same run train it once", { timeout: 600_000 }, async () => {
  const folder = store("twice");
  const trainings = [start(folder, "bitfit", 300), start(folder, "bitfit", 300)];
  const ends = await Promise.all(trainings.map(({ ended }) => ended));
  const hash = readRecord(onlyRun(folder)!)!.hash;
  expect(ends.map(({ out }) => out).sort()).toEqual([`${hash} answered`, `${hash} trained`]);
  expect(ends.map(({ err }) => err).join("")).toContain("waiting for it");
});
