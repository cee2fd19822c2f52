import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { hasKernels, tf } from "../tensorflow";
import type { Randomness } from "../types";
import { composedDropout, type Draw, nextDraw } from "./dropout";
import { fused } from "./fused";
import { layerNormKernel } from "./kernels";
import { sumRows } from "./linear";

export interface LayerNormOptions {
  /** Added to the variance. */
  readonly epsilon: number;
  /** `[tokens, width]`, added to `x` before. */
  readonly residual: Tensor;
  /** Dropout of `x` before the residual is added; default 0. */
  readonly rate?: number;
  /** Absent: no dropout, as in evaluation. */
  readonly random?: Randomness | undefined;
}

/**
 * Layer normalisation over the last dimension (Ba, Kiros and Hinton 2016), variance without Bessel's correction, of
 * dropout(x) + residual.
 * @param x `[tokens, width]`
 * @param gamma `[width]`
 * @param beta `[width]`
 * @returns `[tokens, width]`
 */
export function layerNorm(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  options: LayerNormOptions,
): Tensor {
  const { epsilon, residual, rate = 0, random } = options;
  if (x.rank !== 2 || gamma.shape[0] !== x.shape[1] || `${residual.shape}` !== `${x.shape}`)
    throw new Error(
      `layerNorm takes x [tokens, width], gamma [width] and a residual of the shape of x; ` +
        `got [${x.shape}], [${gamma.shape}] and [${residual.shape}].`,
    );
  const draw = nextDraw(rate, random);
  const norm = hasKernels ? layerNormKernel : composedLayerNorm;
  return norm(x, residual, gamma, beta, epsilon, draw);
}

/** `layerNorm` made of TensorFlow's ops. */
export function composedLayerNorm(
  x: Tensor,
  residual: Tensor,
  gamma: Tensor,
  beta: Tensor,
  epsilon: number,
  draw: Draw | undefined,
): Tensor {
  const dropped = draw ? composedDropout(x, draw) : x;
  return normalise(tf.add(dropped, residual), gamma, beta, epsilon);
}

function normalise(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Tensor {
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
