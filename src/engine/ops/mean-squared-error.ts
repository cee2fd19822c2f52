import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tensorflow";
import { fused } from "./fused";
import { sizeOf } from "./sizes";

/**
 * Squared error, averaged over rows.
 * @param predictions `[rows]`
 * @param targets `[rows]`
 * @returns scalar
 */
export function meanSquaredError(predictions: Tensor, targets: Tensor): Tensor {
  if (predictions.rank !== 1)
    throw new Error(`meanSquaredError takes predictions [rows]; got [${predictions.shape}].`);
  return fused([predictions], (predictions) => {
    const errors = tf.sub(predictions, targets);
    return {
      value: tf.mean(tf.square(errors)),
      saved: [tf.div(tf.mul(errors, 2), tf.cast(sizeOf(errors), "float32"))],
      gradient: (dy, [slopes]) => [tf.mul(slopes!, dy)],
    };
  });
}
