import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tensorflow";
import { fused } from "./fused";

/**
 * Mean squared error over rows by weight.
 * @param predictions `[rows]`
 * @param targets `[rows]`
 * @param weights `[rows]`: 1, or 0 for a row that only fills the batch
 * @returns scalar
 */
export function meanSquaredError(predictions: Tensor, targets: Tensor, weights: Tensor): Tensor {
  if (predictions.rank !== 1)
    throw new Error(`meanSquaredError takes predictions [rows]; got [${predictions.shape}].`);
  return fused([predictions], (predictions) => {
    const errors = tf.sub(predictions, targets);
    const weighted = tf.mul(errors, tf.div(weights, tf.sum(weights)));
    return {
      value: tf.sum(tf.mul(weighted, errors)),
      saved: [weighted],
      gradient: (dy, [weighted]) => [tf.mul(tf.mul(weighted!, 2), dy)],
    };
  });
}
