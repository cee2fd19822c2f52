import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Run, train } from "../../src/experiments";
import { methodByName } from "../../src/peft";
import { type TinyPlace, tinyPlace, tinyRun, tinyScores } from "../fixtures/experiments/tiny-run";
import { command } from "./command";

let place: TinyPlace;
let classes: Run;
let scores: Run;
beforeAll(async () => {
  vi.stubEnv("PEFTLAB_GLUE", "");
  vi.stubEnv("HF_HUB_OFFLINE", "1");
  place = tinyPlace();
  classes = await train(tinyRun(place, { method: methodByName("houlsby") }));
  scores = await train(tinyRun(place, { task: tinyScores() }));
});
afterAll(() => {
  vi.unstubAllEnvs();
  place.remove();
});

const file = (name: string, text?: string) => {
  const path = join(place.folder, name);
  if (text !== undefined) writeFileSync(path, text);
  return path;
};
const predict = (run: string, input: string, output: string) =>
  command(["predict", "--run", run, "--input", input, "--output", output], {
    PEFTLAB_RUNS: place.store,
  });
const cells = (path: string) =>
  readFileSync(path, "utf8")
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => line.split("\t"));

test("sentences get a label, a score and a probability each, as the run itself gives", async () => {
  const texts = ["word1 word50 word60", "word70", "word20 word30 word40 word50 word99"];
  const input = file("in.tsv", `sentence\n${texts.join("\n")}\n`);
  const { status, err } = await predict(classes.hash.slice(0, 12), input, file("out.tsv"));
  expect(status, err).toBe(0);
  const [header, ...rows] = cells(file("out.tsv"));
  expect(header).toEqual(["index", "label", "score", "probability"]);
  const expected = await classes.predict(texts.map((text) => ({ text })));
  expect(rows.map(([index, label]) => [index, label])).toEqual(
    expected.map(({ label }, at) => [`${at}`, label]),
  );
  rows.forEach(([, , score, probability], at) => {
    expect(Number(score)).toBeCloseTo(expected[at]!.score, 5);
    expect(Number(probability)).toBeCloseTo(expected[at]!.probability!, 5);
    expect(Number(probability)).toBeGreaterThanOrEqual(0.5);
  });
});

test("pairs get scores on the task's scale, read by GLUE's names or by position", async () => {
  const pairs = [
    ["word1 word2", "word2 word1"],
    ["word3", "word4"],
  ];
  const lines = pairs.map((pair) => pair.join("\t")).join("\n");
  const named = file("named.tsv", `sentence1\tsentence2\n${lines}\n`);
  const plain = file("plain.tsv", `${lines}\n`);
  for (const input of [named, plain]) {
    const { status, err } = await predict(scores.hash, input, file("scores.tsv"));
    expect(status, err).toBe(0);
    const expected = await scores.predict(
      pairs.map(([text, pair]) => ({ text: text!, pair: pair! })),
    );
    const [, ...rows] = cells(file("scores.tsv"));
    expect(rows.map(([, label, , probability]) => [label, probability])).toEqual([
      ["", ""],
      ["", ""],
    ]);
    rows.forEach(([, , score], at) => {
      expect(Number(score)).toBeCloseTo(expected[at]!.score, 5);
    });
  }
});

test("GLUE's test file becomes a submission", async () => {
  const run = await train(tinyRun(place, { task: "cola", budget: { steps: 2 } }));
  const rows = Array.from({ length: 1063 }, (_, index) => `${index}\tThe word${index % 90} fell.`);
  const input = file("test.tsv", `index\tsentence\n${rows.join("\n")}\n`);
  const { status, err } = await predict(run.hash, input, file("CoLA.tsv"));
  expect(status, err).toBe(0);
  const [header, ...lines] = cells(file("CoLA.tsv"));
  expect(header).toEqual(["index", "prediction"]);
  expect(lines.length).toBe(1063);
  expect(lines.every(([index, label], at) => index === `${at}` && /^[01]$/.test(label!))).toBe(
    true,
  );
});

test("what is wrong is said before work starts", async () => {
  const input = file("in2.tsv", "sentence\nword1\n");
  mkdirSync(file("folder"), { recursive: true });
  const wrong: [string, string, string, RegExp][] = [
    ["f00d", input, file("x.tsv"), /No run in .* begins with "f00d"/],
    [classes.hash, file("missing.tsv"), file("x.tsv"), /missing\.tsv/],
    [classes.hash, file("pairs.tsv", "sentence1\tsentence2\na\tb\n"), file("x.tsv"), /pairs\.tsv/],
    [scores.hash, input, file("x.tsv"), /in2\.tsv/],
    [classes.hash, input, input, /is the input itself/],
    [classes.hash, input, file("folder"), /is a folder/],
  ];
  const results = await Promise.all(wrong.map(([run, from, to]) => predict(run, from, to)));
  results.forEach(({ status, err }, at) => {
    expect(status).not.toBe(0);
    expect(err).toMatch(wrong[at]![3]);
  });
});
