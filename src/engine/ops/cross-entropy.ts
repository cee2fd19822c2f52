import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { executeMany } from "../execute";
import { tf } from "../tensorflow";
import { fused } from "./fused";
import { sizeOf } from "./sizes";

/**
 * Cross entropy of the softmax of logits, averaged over rows.
 * @param logits `[rows, classes]`
 * @param labels int32 `[rows]`
 * @returns scalar
 */
export function crossEntropy(logits: Tensor, labels: Tensor): Tensor {
  return fused([logits], (logits) => {
    const [losses, slopes] = executeMany(
      "SparseSoftmaxCrossEntropyWithLogits",
      { T: "float32", Tlabels: "int32" },
      [logits, labels],
      2,
    ) as [Tensor, Tensor];
    return {
      value: tf.mean(losses),
      saved: [tf.div(slopes, tf.cast(sizeOf(losses), "float32"))],
      gradient: (dy, [slopes]) => [tf.mul(slopes!, dy)],
    };
  });
}
