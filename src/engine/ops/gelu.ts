import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { hasKernels, tf } from "../tensorflow";
import { fused } from "./fused";
import { geluKernel } from "./kernels";

/** Exact GELU (Hendrycks and Gimpel 2016): x Φ(x), Φ the standard normal distribution function; not the tanh form. */
export function gelu(x: Tensor): Tensor {
  return hasKernels ? geluKernel(x) : composedGelu(x);
}

/** `gelu` made of TensorFlow's ops. */
export function composedGelu(x: Tensor): Tensor {
  return fused([x], (x) => {
    const distribution = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
    const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return {
      value: tf.mul(x, distribution),
      // d/dx xΦ(x) is all that the gradient needs, so x itself need not be kept.
      saved: [tf.add(distribution, tf.mul(x, density))],
      gradient: (dy, [slope]) => [tf.mul(dy, slope!)],
    };
  });
}
