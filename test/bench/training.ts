import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { compile, device, type Feed } from "../../src/engine";
import { loadPretrained, type Pretrained } from "../../src/models";
import { adapt, methodByName, stepOf } from "../../src/peft";
import { type BenchMethod, benchMethods, type Measurement, type Work } from "./work";

/** Our side of the training benchmark: the work through the compiled step, as training.py does it in PyTorch. */
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
  const shape = { batch: work.batch, tokens: work.tokens };
  const [beta1, beta2] = work.betas;
  const step = compile(
    stepOf(model, {
      target: "classes",
      optimizer: { kind: "adamw", beta1, beta2, epsilon: work.epsilon, clip: work.clip },
      shapes: { train: [shape], evaluate: [] },
    }),
  );
  const feeds = work.batches.map(
    ({ ids, types, mask, labels }): Feed => ({
      ids: Int32Array.from(ids.flat()),
      types: Int32Array.from(types.flat()),
      mask: Int32Array.from(mask.flat()),
      targets: Int32Array.from(labels),
      weights: new Float32Array(work.batch).fill(1),
    }),
  );
  const milliseconds: number[] = [];
  const losses: number[] = [];
  for (let at = 0; at < work.warmup + work.steps; at++) {
    const began = performance.now();
    const loss = step.train(shape, feeds[at % feeds.length]!, {
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
