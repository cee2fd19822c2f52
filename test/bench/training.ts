import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { compile, device, type Feed } from "../../src/engine";
import { loadPretrained, type Pretrained } from "../../src/models";
import { adapt, methodByName, stepOf } from "../../src/peft";
import {
  type BenchMethod,
  benchMethods,
  type Measurement,
  type Work,
  type WorkBatch,
} from "./work";

/**
 * Our side of the training benchmark: the work through the compiled step, as training.py does it in PyTorch. Each side
 * is fed as its users feed it: PyTorch padded rows, the step their tokens alone.
 */
export function measureTraining(
  pretrained: Pretrained,
  work: Work,
  method: BenchMethod,
): Measurement {
  const { hiddenDropout, attentionDropout } = pretrained.config;
  if (hiddenDropout !== work.dropout || attentionDropout !== work.dropout)
    throw new Error(
      `dropout is ${hiddenDropout} and ${attentionDropout}, the work's ${work.dropout}`,
    );
  const model = adapt({
    pretrained,
    method: methodByName(method, method === "lora" ? work.lora : {}),
    head: "pooler",
    outputs: 2,
    seed: 1,
  });
  const [beta1, beta2] = work.betas;
  const step = compile(
    stepOf(model, {
      target: "classes",
      optimizer: { kind: "adamw", beta1, beta2, epsilon: work.epsilon, clip: work.clip },
    }),
  );
  const feeds = work.batches.map(packed);
  const milliseconds: number[] = [];
  const losses: number[] = [];
  for (let at = 0; at < work.warmup + work.steps; at++) {
    const began = performance.now();
    const loss = step.train(feeds[at % feeds.length]!, {
      learningRate: work.learningRate[method],
      seed: 1,
    });
    if (at < work.warmup) continue;
    milliseconds.push(performance.now() - began);
    losses.push(loss);
  }
  step.dispose();
  const { threads, tensorflow } = device();
  return {
    milliseconds,
    peakBytes: 1024 * process.resourceUsage().maxRSS,
    trainable: model.counts.trainable,
    loss: losses.reduce((a, b) => a + b, 0) / losses.length,
    threads,
    versions: { node: process.versions.node, tensorflow },
  };
}

/** The work's rows as a step of ours takes them, without their padding. */
function packed({ ids, types, mask, labels }: WorkBatch): Feed {
  const lengths = Int32Array.from(mask, (row) => row.filter((real) => real === 1).length);
  const flat = (rows: WorkBatch["ids"]) =>
    Int32Array.from(rows.flatMap((row, at) => row.slice(0, lengths[at])));
  return {
    ids: flat(ids),
    types: flat(types),
    positions: flat(ids.map((row) => [...row.keys()])),
    starts: lengths.map((_, row) => lengths.subarray(0, row).reduce((sum, n) => sum + n, 0)),
    lengths,
    targets: Int32Array.from(labels),
  };
}

function main(): void {
  const { values } = parseArgs({
    options: {
      work: { type: "string" },
      weights: { type: "string" },
      method: { type: "string" },
    },
  });
  const method = benchMethods.find((name) => name === values.method);
  if (!values.work || !values.weights || !method)
    throw new Error(`--work FILE --weights FOLDER --method ${benchMethods.join("|")}`);
  const work: Work = JSON.parse(readFileSync(values.work, "utf8"));
  console.log(JSON.stringify(measureTraining(loadPretrained(values.weights), work, method)));
}

if (require.main === module) main();
