import { compile, type StepDefinition } from "../engine";
import type { Task } from "../glue/types";
import { isHead } from "../models";
import { type AdaptedModel, lossOf, targetInput, textInputs, textsOf } from "../peft";
import { outputsOf } from "./evaluate";
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
  const step = compile({
    parameters: new Map([...model.parameters].filter(([name]) => !isHead(name))),
    groups: [],
    optimizer,
    inputs: () => textInputs,
    loss: () => {
      throw new Error("Features are computed, not trained.");
    },
    predict: (parameters, inputs) => ({
      logits: model.features(parameters, textsOf(inputs)),
    }),
  });
  try {
    const width = model.pretrained.config.hiddenSize;
    const values = new Float32Array(examples.lengths.length * width);
    const outputs = await outputsOf(step, examples, onBatch);
    outputs.forEach((features, row) => {
      values.set(features, row * width);
    });
    return values;
  } finally {
    step.dispose();
  }
}

/** The step of a model's head alone, on the features of its frozen encoder: `stepOf` with another input. */
export function headStepOf(
  model: AdaptedModel,
  { target }: { target: Task["target"]["kind"] },
): StepDefinition {
  const { hiddenSize } = model.pretrained.config;
  return {
    parameters: new Map([...model.parameters].filter(([name]) => isHead(name))),
    groups: model.groups,
    optimizer,
    inputs: (use) => ({
      features: { shape: ["rows", hiddenSize], dtype: "float32" },
      ...(use === "train" && targetInput(target)),
    }),
    loss: (parameters, inputs, random) =>
      lossOf(target, model.score(parameters, inputs.features!, random), inputs),
    predict: (parameters, { features }) => ({ logits: model.score(parameters, features!) }),
  };
}
