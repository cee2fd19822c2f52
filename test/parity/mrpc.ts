import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { compile, device, type StepDefinition } from "../../src/engine";
import { accuracy, binaryF1 } from "../../src/glue/metrics";
import { loadPretrained, type Pretrained } from "../../src/models";
import { adapt, methodByName, stepOf } from "../../src/peft";
import { processor } from "../bench/machine";
import type { Plan, PlannedRow } from "./plan";
import {
  fingerprint,
  methods,
  type ParityRecord,
  readRecord,
  runName,
  writeRecord,
} from "./record";

type Method = ParityRecord["method"];

/**
 * Our side of the parity table: the plan's batches, heads and rates through the compiled step, as mrpc.py does it in
 * PyTorch. Nothing is drawn here but dropout masks.
 *
 * @param options.steps default: all of the plan's
 */
export function trainMrpc(options: {
  readonly plan: Plan;
  readonly pretrained: Pretrained;
  readonly method: Method;
  readonly seed: number;
  readonly steps?: number;
  onStep?(done: number, steps: number, loss: number): void;
}): Omit<ParityRecord, "plan"> {
  const { plan, method, seed } = options;
  const { recipe } = plan;
  const chosen = plan.seeds.find((planned) => planned.seed === seed);
  if (!chosen) throw new Error(`seed ${seed} is not in the plan`);
  const { definition, counts } = defineStep(options.pretrained, plan, method, chosen.classifier);
  const step = compile(definition);
  try {
    const batches = chosen.batches.slice(0, options.steps);
    const losses: number[] = [];
    const began = performance.now();
    for (const [at, indices] of batches.entries()) {
      const rows = indices.map((row) => plan.train[row]!);
      const feed = { ...packed(rows), targets: Int32Array.from(rows, ({ label }) => label) };
      const learningRate = recipe.learningRate[method] * recipe.rates[at]!;
      losses.push(step.train(feed, { learningRate, seed }));
      options.onStep?.(at + 1, batches.length, losses.at(-1)!);
    }
    const seconds = (performance.now() - began) / 1000;

    const predictions: number[] = [];
    for (const rows of chunks(plan.dev, recipe.batch)) {
      const logits = step.evaluate(packed(rows)).logits!.data;
      predictions.push(...rows.map((_, row) => Number(logits[2 * row + 1]! > logits[2 * row]!)));
    }
    const labels = plan.dev.map(({ label }) => label);
    const { kind, name, tensorflow } = device();
    return {
      side: "peftlab",
      method,
      seed,
      trainable: counts.trainable,
      steps: batches.length,
      accuracy: 100 * accuracy(predictions, labels),
      f1: 100 * binaryF1(predictions, labels),
      seconds,
      device: kind === "cpu" ? processor() : name,
      versions: { node: process.versions.node, tensorflow },
      losses: chunks(losses, Math.ceil(chosen.batches.length / recipe.epochs)).map(mean),
      predictions: predictions.join(""),
    };
  } finally {
    step.dispose();
  }
}

function defineStep(
  pretrained: Pretrained,
  plan: Plan,
  method: Method,
  classifier: readonly (readonly number[])[],
) {
  const { recipe } = plan;
  const { hiddenDropout, attentionDropout, hiddenSize } = pretrained.config;
  if (hiddenDropout !== recipe.dropout || attentionDropout !== recipe.dropout)
    throw new Error(
      `dropout is ${hiddenDropout} and ${attentionDropout}, the plan's ${recipe.dropout}`,
    );
  const model = adapt({
    pretrained,
    method: methodByName(method),
    head: "pooler",
    outputs: classifier.length,
    seed: 0,
  });
  const decay = model.groups.map((group) => group.decay).filter((value) => value !== 0);
  if (`${decay}` !== `${recipe.decay}`)
    throw new Error(`weight decay is ${decay}, the plan's ${recipe.decay}`);
  const parameters = new Map(model.parameters)
    .set("classifier.weight", {
      shape: [classifier.length, hiddenSize],
      data: Float32Array.from(classifier.flat()),
    })
    .set("classifier.bias", {
      shape: [classifier.length],
      data: new Float32Array(classifier.length),
    });
  const [beta1, beta2] = recipe.betas;
  const definition: StepDefinition = stepOf(
    { ...model, parameters },
    {
      target: "classes",
      optimizer: { kind: "adamw", beta1, beta2, epsilon: recipe.epsilon, clip: recipe.clip },
    },
  );
  return { definition, counts: model.counts };
}

/** The tokens of rows one after another; mrpc.py pads them to the longest row's next multiple instead. */
function packed(rows: readonly PlannedRow[]) {
  const lengths = Int32Array.from(rows, ({ ids }) => ids.length);
  return {
    ids: Int32Array.from(rows.flatMap(({ ids }) => ids)),
    types: Int32Array.from(rows.flatMap(({ ids, second }) => ids.map((_, at) => +(at >= second)))),
    positions: Int32Array.from(rows.flatMap(({ ids }) => [...ids.keys()])),
    starts: lengths.map((_, row) => lengths.subarray(0, row).reduce((sum, n) => sum + n, 0)),
    lengths,
  };
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** As mrpc.py: the same options, the same lines, the same records. */
function main(): void {
  const { values } = parseArgs({
    options: {
      plan: { type: "string" },
      weights: { type: "string" },
      out: { type: "string" },
      method: { type: "string" },
      seeds: { type: "string", default: "1,2,3,4,5" },
    },
  });
  const { plan: planFile, weights, out } = values;
  const method = methods.find((name) => name === values.method);
  if (!planFile || !weights || !out || !method)
    throw new Error(`--plan FILE --weights FOLDER --out FOLDER --method ${methods.join("|")}`);
  const bytes = readFileSync(planFile);
  const plan: Plan = JSON.parse(bytes.toString());
  const pretrained = loadPretrained(weights);
  for (const seed of values.seeds.split(",").map(Number)) {
    const run = { side: "peftlab", method, seed } as const;
    if (readRecord(out, run, fingerprint(bytes))) {
      console.log(`${runName(run)}: already there`);
      continue;
    }
    const began = performance.now();
    const result = trainMrpc({
      plan,
      pretrained,
      method,
      seed,
      onStep(done, steps) {
        const rate = (performance.now() - began) / 1000 / done;
        if (done % 20 === 0)
          console.log(`${method} seed ${seed}: step ${done}/${steps}, ${rate.toFixed(2)} s a step`);
      },
    });
    writeRecord(out, { ...result, plan: fingerprint(bytes) });
    console.log(
      `${runName(run)}: accuracy ${result.accuracy.toFixed(2)}, F1 ${result.f1.toFixed(2)}, ${result.seconds.toFixed(0)} s`,
    );
  }
}

if (require.main === module) main();
