import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { liveTensors } from "../../src/engine";
import { display, type RunOptions, runFolder, train } from "../../src/experiments";
import { calibrationFolder, featuresFolder } from "../../src/experiments/store";
import { loadTask } from "../../src/glue";
import type { ProgressReport } from "../../src/kernel/api/progress";
import { readSafetensors } from "../../src/models";
import { adapt, methodByName } from "../../src/peft";
import { weightDecay } from "../../src/training/optimizer";
import {
  type TinyPlace,
  tinyClasses,
  tinyPlace,
  tinyRun,
  tinyScores,
} from "../fixtures/experiments/tiny-run";

let place: TinyPlace;
beforeAll(() => {
  place = tinyPlace();
});
afterAll(() => place.remove());
afterEach(() => vi.restoreAllMocks());

const start = (changes: Partial<RunOptions> = {}) => train(tinyRun(place, changes));
/** Options that nothing else here uses, so that the run is new. */
let fresh = 100;
const another = (changes: Partial<RunOptions> = {}) => start({ seed: fresh++, ...changes });

/** Keeps what is said on standard error from the terminal, and gives it. */
function listen(): () => string {
  let said = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said += text;
    return true;
  });
  return () => said;
}

test("a run learns, and its record says all there is to know", async () => {
  const { record, curve, scores, seconds, trainable, hash } = await start({
    budget: { epochs: 12 },
    learningRate: 3e-3,
  });
  expect(record.status).toBe("finished");
  expect(record).toMatchObject({ task: "tiny-classes", method: "full", examples: 300, seed: 1 });
  expect(record.steps).toBe(12 * Math.ceil(300 / 8));
  expect(record.epochs).toBe(12);
  expect(record).toMatchObject({ hash, scores, curve, seconds, trainable });
  expect(curve.length).toBe(40);
  expect(curve.filter(({ validation }) => validation).length).toBe(5);
  expect(curve.at(-1)!.loss).toBeLessThan(0.5 * curve[0]!.loss);
  expect(scores.accuracy!).toBeGreaterThan(record.floor.accuracy! + 0.1);
  expect(record.validation).toEqual(curve.at(-1)!.validation);
  expect(record.encoder.trainable + record.head.trainable).toBe(trainable);
  expect(record.encoder.total + record.head.total).toBe(record.total);
  expect(record.trainable).toBe(record.total);
  expect(seconds).toBeGreaterThan(0);
});

test("asked again, it answers from the store; another seed is another run", async () => {
  const heard: ProgressReport[] = [];
  const options = { seed: 5, progress: (report: ProgressReport) => heard.push(report) };
  const first = await start(options);
  expect(heard.at(-1)).toMatchObject({ done: 30, total: 30, unit: "steps", state: "finished" });
  heard.length = 0;
  const again = await start(options);
  expect(again.record).toEqual(first.record);
  expect(heard).toEqual([]);
  const other = await start({ ...options, seed: 6 });
  expect(other.hash).not.toBe(first.hash);
  expect(heard.length).toBeGreaterThan(0);
});

test("the same run in another store has the same weights and curve", async () => {
  const one = await start({ seed: 7 });
  const other = await start({ seed: 7, store: join(place.folder, "other") });
  const weights = (store: string) => readFileSync(runFolder(store, one.hash).trained);
  expect(weights(join(place.folder, "other")).equals(weights(place.store))).toBe(true);
  expect(other.curve.map(({ loss }) => loss)).toEqual(one.curve.map(({ loss }) => loss));
});

test("a stopped run goes on and ends as one that was not stopped", async () => {
  const whole = await start({ seed: 9, budget: { steps: 60 }, store: join(place.folder, "whole") });
  const stop = new AbortController();
  const stopping = {
    seed: 9,
    budget: { steps: 60 },
    signal: stop.signal,
    progress: ({ done }: ProgressReport) => done >= 1 && stop.abort(new Error("enough")),
  };
  await expect(start(stopping)).rejects.toThrow("enough");
  const folder = runFolder(place.store, whole.hash);
  const { loop } = JSON.parse(readFileSync(folder.state, "utf8"));
  expect(loop.steps).toBeGreaterThan(0);
  expect(loop.steps).toBeLessThan(60);
  const rest = await start({ seed: 9, budget: { steps: 60 } });
  expect(rest.curve.map(({ loss }) => loss)).toEqual(whole.curve.map(({ loss }) => loss));
  const weights = runFolder(join(place.folder, "whole"), whole.hash).trained;
  expect(readFileSync(folder.trained).equals(readFileSync(weights))).toBe(true);
});

test("a checkpoint or a record that cannot be read costs time, not the run", async () => {
  const first = await start({ seed: 10 });
  const folder = runFolder(place.store, first.hash);
  const weights = readFileSync(folder.trained);
  writeFileSync(folder.record, readFileSync(folder.record, "utf8").slice(0, 500));
  writeFileSync(folder.state, '{"tensors": "checkpoint-3.safetensors"');
  const said = listen();
  const again = await start({ seed: 10 });
  expect(said()).toMatch(/record\.json is not whole JSON.* Training it again/);
  expect(said()).toMatch(/state\.json: not JSON.*the run starts anew/);
  expect(again.record.status).toBe("finished");
  expect(readFileSync(folder.trained).equals(weights)).toBe(true);
  expect(readdirSync(folder.path)).toContain("record.json.unreadable");
});

test("a run that diverges leaves a record that says so, and no scores", async () => {
  const run = await another({ learningRate: 1e30, budget: { steps: 40 } });
  expect(run.record.status).toBe("diverged");
  expect(run.record.steps).toBeLessThanOrEqual(40);
  expect(run.scores).toEqual({});
  await expect(run.predict([{ text: "word1" }])).rejects.toThrow("diverged");
  const again = await start({ learningRate: 1e30, budget: { steps: 40 }, seed: fresh - 1 });
  expect(again.record).toEqual(run.record);
});

test("a head alone trains on kept features, computed once", async () => {
  const method = methodByName("head-only");
  const run = await another({ method, learningRate: 1e-2 });
  expect(run.record.specification.features).toBe(true);
  expect(run.record.encoder.trainable).toBe(0);
  const kept = readdirSync(featuresFolder(place.store));
  const other = await another({ method, learningRate: 1e-2 });
  expect(readdirSync(featuresFolder(place.store))).toEqual(kept);
  expect(other.hash).not.toBe(run.hash);
  // What the head learnt from features holds with the encoder running.
  const { test: rows } = await loadTask(tinyClasses());
  const predictions = await run.predict(rows);
  const right = predictions.filter(({ label }, at) => label === ["no", "yes"][rows[at]!.target!]);
  expect(right.length / rows.length).toBeCloseTo(run.scores.accuracy!, 10);
});

test("scores are learnt standardised and predicted on the task's scale", async () => {
  const run = await another({ task: tinyScores(), budget: { steps: 300 }, learningRate: 3e-3 });
  expect(run.record.standardisation!.mean).toBeCloseTo(2.5, 0);
  expect(run.record.floor).toEqual({ pearson: null, spearman: null });
  const predictions = await run.predict([
    { text: "word1 word2 word3", pair: "word1 word2 word3" },
    { text: "word1 word2 word3", pair: "word7 word8 word9" },
  ]);
  expect(predictions.map(({ label, probability }) => [label, probability])).toEqual([
    [null, null],
    [null, null],
  ]);
  for (const { score } of predictions) expect(Math.abs(score - 2.5)).toBeLessThan(4);
  await expect(run.predict([{ text: "word1" }])).rejects.toThrow("Row 1 is a single text");
});

test("seconds become steps by a calibration that is measured once", async () => {
  const budget = { seconds: 0.2, calibration: "quick" };
  // A busy machine is warned of; this one may be.
  listen();
  const run = await start({ seed: 11, budget });
  const { specification, plannedSeconds, steps } = run.record;
  expect(plannedSeconds).toBe(0.2);
  expect(specification.budget.steps).toBe(steps);
  const { costs } = specification.budget.calibration!;
  const file = join(calibrationFolder(place.store), "quick.json");
  const [entry] = Object.values(JSON.parse(readFileSync(file, "utf8")).entries) as {
    costs: object;
  }[];
  expect(entry!.costs).toEqual(costs);
  const { step, token } = costs;
  expect(Math.min(step, token)).toBeGreaterThanOrEqual(0);
  // Texts of 3 to 12 words, two special tokens each, eight a step.
  const [least, most] = [8 * 5, 8 * 14].map((tokens) => step + token * tokens) as [number, number];
  expect(steps).toBeGreaterThanOrEqual(Math.floor(0.2 / most));
  expect(steps).toBeLessThanOrEqual(Math.max(1, Math.ceil(0.2 / least)));
  const before = readFileSync(file, "utf8");
  expect((await start({ seed: 11, budget })).hash).toBe(run.hash);
  await start({ seed: 12, budget, fraction: 0.5 });
  expect(readFileSync(file, "utf8")).toBe(before);
  await start({ seed: 11, budget, batchSize: 4 });
  expect(Object.keys(JSON.parse(readFileSync(file, "utf8")).entries)).toHaveLength(2);
});

test("what was trained, and no more, is kept; a record's weight decay is the model's", async () => {
  const run = await another({ method: methodByName("lora") });
  const kept = readSafetensors(runFolder(place.store, run.hash).trained);
  const size = [...kept.values()].reduce((sum, { data }) => sum + data.length, 0);
  expect(size).toBe(run.trainable);
  expect([...kept.keys()].every((name) => /lora_|pooler|classifier/.test(name))).toBe(true);
  const { loadPretrained } = await import("../../src/models");
  const pretrained = loadPretrained(place.model);
  const options = { pretrained, method: methodByName("full"), outputs: 2, seed: 1 } as const;
  const decays = adapt({ ...options, head: "pooler" }).groups.map(({ decay }) => decay);
  expect(new Set(decays)).toEqual(new Set([weightDecay, 0]));
  expect(run.record.specification.optimizer.weightDecay).toBe(weightDecay);
});

test("options that cannot be are refused by name before anything is trained", async () => {
  const stored = readdirSync(place.store).sort();
  const wrong: [Partial<RunOptions>, RegExp][] = [
    [{ fraction: 1.5 }, /fraction/],
    [{ batchSize: 0 }, /batchSize/],
    [{ seed: 0.5 }, /seeds/],
    [{ learningRate: -1 }, /learningRate/],
    [{ budget: { steps: 0 } }, /budget/],
    [{ budget: { seconds: 1, calibration: "../x" } }, /budget/],
    [{ head: "tail" as never }, /head.*pooler/],
    [{ features: true }, /features: true .* full changes the encoder/],
    [{ maxTokens: 4000 }, /maxTokens: 4000.*40 tokens/],
    [{ task: "mrp" as never }, /mrpc, cola, stsb/],
    [{ model: "/nowhere" }, /\/nowhere/],
  ];
  for (const [options, message] of wrong) {
    await expect(start(options), JSON.stringify(options)).rejects.toThrow(message);
  }
  expect(readdirSync(place.store).sort()).toEqual(stored);
});

test("a run shows itself as text and as HTML, and leaves no tensor behind", async () => {
  const run = await another({ method: methodByName("bitfit") });
  const before = liveTensors();
  const other = await another({ method: methodByName("bitfit") });
  await other.predict([{ text: "word1 word2" }]);
  expect(liveTensors()).toBe(before);
  const shown = run[display]();
  expect(shown["text/plain"]).toContain(run.hash);
  expect(shown["text/plain"]).toMatch(/accuracy +0\.\d{4} \(floor 0\.\d{4}\)/);
  expect(shown["text/html"]).toMatch(/^<table>.*bitfit.*<\/table>$/);
});
