import { type BatchShape, compile, type StepDefinition } from "../engine";
import type { Task } from "../glue/types";
import { isHead } from "../models";
import { type AdaptedModel, lossOf } from "../peft";
import { tokenBuckets } from "./batches";
import { batchesOf, evaluationBatch, outputsOf } from "./evaluate";
import type { Examples } from "./examples";
import { optimizer } from "./optimizer";

/**
 * What a model's head reads of each row, computed once. The encoder is in evaluation mode: a head that is trained on
 * these features sees no dropout within the encoder, unlike one that is trained with the encoder running.
 *
 * @param onBatch told after each batch how many rows are done; what it throws ends the work
 * @returns `[rows, hidden]`
 */
export async function computeFeatures(
  model: AdaptedModel,
  examples: Examples,
  onBatch?: (rows: number) => void,
): Promise<Float32Array> {
  const buckets = tokenBuckets(examples.lengths, evaluationBatch);
  const shapes = buckets.map((tokens) => ({ batch: evaluationBatch, tokens }));
  const step = compile({
    parameters: new Map([...model.parameters].filter(([name]) => !isHead(name))),
    groups: [],
    optimizer,
    shapes: { train: [], evaluate: shapes },
    inputs: examples.inputs,
    loss: () => {
      throw new Error("Features are computed, not trained.");
    },
    predict: (parameters, { ids, types, mask }) => ({
      logits: model.features(parameters, { ids: ids!, types: types!, mask: mask! }),
    }),
  });
  try {
    const width = model.pretrained.config.hiddenSize;
    const values = new Float32Array(examples.lengths.length * width);
    const outputs = await outputsOf(step, examples, batchesOf(examples, buckets), onBatch);
    outputs.forEach((features, row) => {
      values.set(features, row * width);
    });
    return values;
  } finally {
    step.dispose();
  }
}

/** The step of a model's head alone, on the features of its frozen encoder: `stepOf` with other inputs. */
export function headStepOf(
  model: AdaptedModel,
  {
    target,
    examples,
    shapes,
  }: { target: Task["target"]["kind"]; examples: Examples; shapes: StepDefinition["shapes"] },
): StepDefinition {
  return {
    parameters: new Map([...model.parameters].filter(([name]) => isHead(name))),
    groups: model.groups,
    optimizer,
    shapes,
    inputs: (shape: BatchShape, use) => ({
      ...examples.inputs(shape),
      ...(use === "train" && {
        targets: { shape: [shape.batch], dtype: target === "classes" ? "int32" : "float32" },
        weights: { shape: [shape.batch], dtype: "float32" },
      }),
    }),
    loss: (parameters, inputs, random) =>
      lossOf(target, model.score(parameters, inputs.features!, random), inputs),
    predict: (parameters, { features }) => ({ logits: model.score(parameters, features!) }),
  };
}
