import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { executeMany } from "../execute";
import { tf } from "../tensorflow";
import { fused } from "./fused";

/**
 * Mean cross entropy of the softmax of logits, over rows by weight.
 * @param logits `[rows, classes]`
 * @param labels int32 `[rows]`
 * @param weights `[rows]`: 1, or 0 for a row that only fills the batch
 * @returns scalar
 */
export function crossEntropy(logits: Tensor, labels: Tensor, weights: Tensor): Tensor {
  return fused([logits], (logits) => {
    const [losses, slopes] = executeMany(
      "SparseSoftmaxCrossEntropyWithLogits",
      { T: "float32", Tlabels: "int32" },
      [logits, labels],
      2,
    ) as [Tensor, Tensor];
    const shares = tf.div(weights, tf.sum(weights));
    return {
      value: tf.sum(tf.mul(losses, shares)),
      saved: [tf.mul(slopes, tf.reshape(shares, [-1, 1]))],
      gradient: (dy, [slopes]) => [tf.mul(slopes!, dy)],
    };
  });
}
