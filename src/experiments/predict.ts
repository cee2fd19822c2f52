import { compile } from "../engine";
import type { Row } from "../glue/types";
import { readSafetensors } from "../models";
import { type AdaptedModel, adapt, methodByName, stepOf } from "../peft";
import { optimizer } from "../training";
import { tokenBuckets } from "../training/batches";
import { batchesOf, decide, evaluationBatch, outputsOf } from "../training/evaluate";
import { outputsFor } from "./assemble";
import { encodeRows } from "./encode";
import { encoder } from "./plan";
import { runFolder } from "./store";
import type { Prediction, RunRecord } from "./types";

/**
 * The model of a run as trained.
 *
 * @param folder of the encoder; default: where it was
 * @throws when the run diverged, or the encoder is not the one that it was trained on
 */
export function trainedModel(
  record: RunRecord,
  store: string,
  folder = record.model.folder,
): { model: AdaptedModel; delta: ReturnType<AdaptedModel["delta"]> } {
  if (record.status === "diverged") {
    throw new Error(`Run ${record.hash} diverged: there is nothing trained to use.`);
  }
  const pretrained = encoder(folder);
  if (pretrained.fingerprint !== record.model.fingerprint) {
    throw new Error(
      `Run ${record.hash} was trained on another ${record.model.name} than the one in ${folder} ` +
        `(fingerprint ${record.model.fingerprint}, found ${pretrained.fingerprint}). Name the right folder.`,
    );
  }
  const { method, head, seeds } = record.specification;
  const model = adapt({
    pretrained,
    method: methodByName(method.name, method.settings),
    head,
    outputs: outputsFor(record.definition.target),
    seed: seeds.init,
  });
  return { model, delta: readSafetensors(runFolder(store, record.hash).trained) };
}

/** What a trained run says of rows, one prediction each, in their order. */
export async function predict(
  record: RunRecord,
  store: string,
  rows: readonly Pick<Row, "text" | "pair">[],
  options: { model?: string; onBatch?: (rows: number) => void } = {},
): Promise<Prediction[]> {
  const { definition, specification, standardisation } = record;
  const odd = rows.findIndex(({ pair }) => (pair !== undefined) !== definition.pair);
  if (odd >= 0) {
    throw new Error(
      `Row ${odd + 1} is ${definition.pair ? "a single text" : "a pair"}, but ${record.task} takes ${definition.pair ? "pairs" : "single texts"}.`,
    );
  }
  const { model, delta } = trainedModel(record, store, options.model);
  const examples = encodeRows(rows, model.pretrained, specification.maxTokens);
  const buckets = tokenBuckets(examples.lengths, evaluationBatch);
  const step = compile({
    ...stepOf(model, {
      target: definition.target.kind,
      optimizer,
      shapes: {
        train: [],
        evaluate: buckets.map((tokens) => ({ batch: evaluationBatch, tokens })),
      },
    }),
    parameters: model.restore(delta),
    groups: [],
  });
  try {
    const outputs = await outputsOf(step, examples, batchesOf(examples, buckets), options.onBatch);
    const decided = decide(definition.target, outputs, standardisation);
    return outputs.map((logits, row) => toPrediction(record, logits, decided[row]!));
  } finally {
    step.dispose();
  }
}

function toPrediction(
  { definition: { target } }: RunRecord,
  logits: Float32Array,
  decided: number,
): Prediction {
  if (target.kind === "score") return { label: null, score: decided, probability: null };
  const largest = logits[decided]!;
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
  return { label: target.labels[decided]!, score: largest, probability: 1 / total };
}
