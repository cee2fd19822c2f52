import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  type Optimizer,
  ops,
  type StepDefinition,
  type TensorSpec,
  type Tensors,
  tf,
} from "../engine";
import type { EncoderInputs } from "../models";
import type { AdaptedModel } from "./adapted-model";

export type TargetKind = "classes" | "score";

/**
 * The training and evaluation step of an adapted model. Its inputs are those of `textInputs` and for training those
 * of `targetInput`. `predict` gives `logits` `[rows, outputs]`.
 *
 * The loss is the cross entropy for classes and the squared error for a score, averaged over rows.
 */
export function stepOf(
  model: AdaptedModel,
  { target, optimizer }: { target: TargetKind; optimizer: Optimizer },
): StepDefinition {
  return {
    parameters: model.parameters,
    groups: model.groups,
    optimizer,
    inputs: (use) => ({ ...textInputs, ...(use === "train" && targetInput(target)) }),
    loss(parameters, inputs, random) {
      return lossOf(target, model.logits(parameters, textsOf(inputs), random), inputs);
    },
    predict: (parameters, inputs) => ({ logits: model.logits(parameters, textsOf(inputs)) }),
  };
}

const ofTokens = { shape: ["tokens"], dtype: "int32" } as const;
const ofRows = { shape: ["rows"], dtype: "int32" } as const;

/** What a batch of texts is fed as, see `EncoderInputs`. */
export const textInputs = {
  ids: ofTokens,
  types: ofTokens,
  positions: ofTokens,
  starts: ofRows,
  lengths: ofRows,
} as const satisfies Readonly<Record<keyof EncoderInputs, TensorSpec>>;

/** A batch of texts among the inputs of a step. */
export function textsOf({ ids, types, positions, starts, lengths }: Tensors): EncoderInputs {
  return {
    ids: ids!,
    types: types!,
    positions: positions!,
    starts: starts!,
    lengths: lengths!,
  };
}

/** What a loss takes besides: `targets` `[rows]`, int32 class indices or float32 scores. */
export function targetInput(target: TargetKind): { readonly targets: TensorSpec } {
  return { targets: { shape: ["rows"], dtype: target === "classes" ? "int32" : "float32" } };
}

/** The loss of `logits` `[rows, outputs]`, given `targets` as `targetInput` has them. */
export function lossOf(target: TargetKind, logits: Tensor, { targets }: Tensors): Tensor {
  return target === "classes"
    ? ops.crossEntropy(logits, targets!)
    : ops.meanSquaredError(tf.reshape(logits, [-1]), targets!);
}
