import { compile } from "../engine";
import type { Row } from "../glue/types";
import { stepOf } from "../peft";
import { optimizer } from "../training";
import { decide, outputsOf } from "../training/evaluate";
import { encodeRows } from "./encode";
import { trainedModel } from "./trained";
import type { Prediction, RunRecord } from "./types";

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
  const step = compile({
    ...stepOf(model, { target: definition.target.kind, optimizer }),
    precision: specification.precision,
    parameters: model.restore(delta),
    groups: [],
  });
  try {
    const outputs = await outputsOf(step, examples, options.onBatch);
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
