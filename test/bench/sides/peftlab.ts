import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { compile, device, type Feed, type Step } from "../../../src/engine";
import { computeFeatures, featureExamples } from "../../../src/training";
import { evaluationBatches } from "../../../src/training/batches";
import { targetFeed, tokenExamples } from "../../../src/training/examples";
import { headStepOf } from "../../../src/training/features";
import type { EpochWork, EvaluateWork, Measurement, StepsWork, TokenRow } from "../work";
import { definitionOf, modelOf } from "./model";
import { deviceMemory, peakBytes } from "./process";

type Training = StepsWork | EpochWork;
type Timed = Pick<Measurement, "milliseconds" | "check">;

/** Our side of the benchmark, as pytorch.py does it in PyTorch. */
export async function measure(work: StepsWork | EpochWork | EvaluateWork): Promise<Measurement> {
  const model = modelOf(work);
  const timed =
    work.kind === "evaluate"
      ? // Without anything to train, and so without an optimiser's memory.
        evaluate(work, compile({ ...definitionOf(work, model), groups: [] }), model.pretrained)
      : work.kind === "epoch"
        ? epoch(work, compile(definitionOf(work, model)), model.pretrained)
        : steps(work, ...(await stepAndFeeds(work, model)));
  const { kind, threads, tensorflow } = device();
  if (kind !== work.device)
    throw new Error(`The work is for the ${work.device}; this ran on the ${kind}.`);
  return {
    ...timed,
    peakBytes: kind === "gpu" ? deviceMemory() : peakBytes(),
    trainable: model.counts.trainable,
    threads,
    versions: { node: process.versions.node, tensorflow },
  };
}

type Model = ReturnType<typeof modelOf>;

/** The compiled step, and a feed a batch; of a head alone on features of the encoder, which are computed here. */
async function stepAndFeeds(work: StepsWork, model: Model): Promise<[Step, Feed[]]> {
  const rows = work.batches.flat();
  const tokens = packed(rows);
  const examples =
    work.method === "head-only"
      ? featureExamples(await computeFeatures(model, tokens), model.pretrained.config.hiddenSize)
      : tokens;
  const definition =
    work.method === "head-only"
      ? headStepOf(model, { target: work.target })
      : definitionOf(work, model);
  const labels = rows.map(({ target }) => target);
  let start = 0;
  const feeds = work.batches.map((batch) => {
    const own = batch.map((_, at) => start + at);
    start += batch.length;
    return { ...examples.feed(own), ...targets(work, labels, own) };
  });
  return [compile(definition), feeds];
}

function steps(work: StepsWork, step: Step, feeds: readonly Feed[]): Timed {
  const { together } = work;
  const milliseconds: number[] = [];
  const losses: number[] = [];
  for (let begin = 0; begin < work.warmup + work.steps; begin += together) {
    const updates = Array.from({ length: together }, (_, at) => {
      return { feed: feeds[(begin + at) % feeds.length]!, ...rate(work) };
    });
    const began = performance.now();
    const some = step.trainMany(updates);
    if (begin < work.warmup) continue;
    milliseconds.push((performance.now() - began) / together);
    losses.push(...some);
  }
  return { milliseconds, check: mean(losses) };
}

function epoch(work: EpochWork, step: Step, { tokenizer }: Model["pretrained"]): Timed {
  const run = (batches: EpochWork["batches"]) => {
    const rows = batches.flat().map((row) => work.rows[row]!);
    const examples = tokenExamples(rows, { tokenizer, maxTokens: work.maxTokens });
    const labels = rows.map(({ target }) => target);
    let start = 0;
    const losses: number[] = [];
    for (let begin = 0; begin < batches.length; begin += work.together) {
      const updates = batches.slice(begin, begin + work.together).map((batch) => {
        const own = batch.map((_, at) => start + at);
        start += batch.length;
        return { feed: { ...examples.feed(own), ...targets(work, labels, own) }, ...rate(work) };
      });
      losses.push(...step.trainMany(updates));
    }
    return losses;
  };
  run(work.warm);
  const began = performance.now();
  const losses = run(work.batches);
  return { milliseconds: [performance.now() - began], check: mean(losses) };
}

function evaluate(work: EvaluateWork, step: Step, { tokenizer }: Model["pretrained"]): Timed {
  const examples = tokenExamples(work.rows, { tokenizer, maxTokens: work.maxTokens });
  const feeds = evaluationBatches(examples.lengths).map(examples.feed);
  const milliseconds: number[] = [];
  let logits: number[] = [];
  for (let pass = 0; pass <= work.passes; pass++) {
    const began = performance.now();
    logits = feeds.flatMap((feed) => [...step.evaluate(feed).logits!.data]);
    if (pass > 0) milliseconds.push(performance.now() - began);
  }
  return { milliseconds, check: mean(logits) };
}

/** Rows that are tokenised already, as examples. */
export function packed(rows: readonly TokenRow[]) {
  const encodings = rows.map(({ ids, second }) => ({
    ids,
    types: ids.map((_, at) => Number(at >= second)),
  }));
  const tokenizer = { size: 0, encode: (at: string) => encodings[Number(at)]! };
  const numbers = rows.map((_, at) => ({ text: `${at}` }));
  return tokenExamples(numbers, { tokenizer, maxTokens: Number.POSITIVE_INFINITY });
}

/** Targets of some rows; scores are standardised already. */
export function targets(
  work: Pick<Training, "target">,
  labels: readonly number[],
  rows: readonly number[],
): Feed {
  return targetFeed(labels, rows, work.target === "score" ? { mean: 0, deviation: 1 } : null);
}

export const rate = ({ recipe }: Pick<Training, "recipe">) => ({
  learningRate: recipe.learningRate,
  seed: 1,
});

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

if (require.main === module) {
  const { values } = parseArgs({ options: { work: { type: "string" } } });
  measure(JSON.parse(readFileSync(values.work!, "utf8"))).then((measurement) =>
    console.log(JSON.stringify(measurement)),
  );
}
