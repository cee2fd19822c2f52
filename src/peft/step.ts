import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  type BatchShape,
  type Optimizer,
  ops,
  type StepDefinition,
  type Tensors,
  tf,
} from "../engine";
import type { EncoderInputs } from "../models";
import type { AdaptedModel } from "./adapted-model";

/**
 * The training and evaluation step of an adapted model. Its inputs are `ids`, `types` and `mask`, int32
 * `[batch, tokens]`, and for training `targets` `[batch]` (int32 class indices, or float32 scores) and `weights`
 * `[batch]` (1, or 0 for a row that only fills the batch). `predict` gives `logits` `[batch, outputs]`.
 *
 * The loss is the cross entropy for classes and the squared error for a score, averaged over rows by weight.
 */
export function stepOf(
  model: AdaptedModel,
  {
    target,
    optimizer,
    shapes,
  }: {
    target: "classes" | "score";
    optimizer: Optimizer;
    shapes: { readonly train: readonly BatchShape[]; readonly evaluate: readonly BatchShape[] };
  },
): StepDefinition {
  return {
    parameters: model.parameters,
    groups: model.groups,
    optimizer,
    shapes,
    inputs({ batch, tokens }, use) {
      const row = { shape: [batch, tokens], dtype: "int32" } as const;
      const texts = { ids: row, types: row, mask: row };
      if (use === "evaluate") return texts;
      return {
        ...texts,
        targets: { shape: [batch], dtype: target === "classes" ? "int32" : "float32" },
        weights: { shape: [batch], dtype: "float32" },
      };
    },
    loss(parameters, inputs, random) {
      return lossOf(target, model.logits(parameters, texts(inputs), random), inputs);
    },
    predict: (parameters, inputs) => ({ logits: model.logits(parameters, texts(inputs)) }),
  };
}

/** The loss of `logits` `[batch, outputs]`, given `targets` and `weights` as for `stepOf`. */
export function lossOf(
  target: "classes" | "score",
  logits: Tensor,
  { targets, weights }: Tensors,
): Tensor {
  return target === "classes"
    ? ops.crossEntropy(logits, targets!, weights!)
    : ops.meanSquaredError(tf.reshape(logits, [-1]), targets!, weights!);
}

const texts = ({ ids, types, mask }: Tensors): EncoderInputs => ({
  ids: ids!,
  types: types!,
  mask: mask!,
});
