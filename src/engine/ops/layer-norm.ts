import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tensorflow";
import { fused } from "./fused";
import { sumRows } from "./linear";

/**
 * Layer normalisation over the last dimension (Ba, Kiros and Hinton 2016), variance without Bessel's correction.
 * @param x `[rows, width]`
 * @param gamma `[width]`
 * @param beta `[width]`
 * @returns `[rows, width]`
 */
export function layerNorm(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Tensor {
  if (x.rank !== 2 || gamma.shape[0] !== x.shape[1])
    throw new Error(
      `layerNorm takes x [rows, width] and gamma [width]; got [${x.shape}] and [${gamma.shape}].`,
    );
  return fused([x, gamma, beta], (x, gamma, beta) => {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    const scale = tf.rsqrt(tf.add(variance, epsilon));
    const normalised = tf.mul(centred, scale);
    return {
      value: tf.add(tf.mul(normalised, gamma), beta),
      saved: [normalised, scale, gamma],
      gradient: (dy, [normalised, scale, gamma]) => {
        const inner = tf.mul(dy, gamma!);
        const mean = tf.mean(inner, -1, true);
        const projection = tf.mean(tf.mul(inner, normalised!), -1, true);
        const dx = tf.mul(tf.sub(tf.sub(inner, mean), tf.mul(normalised!, projection)), scale!);
        return [dx, sumRows(tf.mul(dy, normalised!)), sumRows(dy)];
      },
    };
  });
}
