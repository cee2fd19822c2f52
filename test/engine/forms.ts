import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { type HostTensor, tf } from "../../src/engine";
import type { Rows } from "../../src/engine/ops/rows";

/** Repeatable values of a normal distribution. */
export function normal(shape: number[], seed: number): Tensor {
  return tf.randomNormal(shape, 0, 1, "float32", seed);
}

/** Rows of these lengths one after another. */
export function rowsOf(lengths: readonly number[]): Rows & { readonly tokens: number } {
  const starts = lengths.map((_, row) => lengths.slice(0, row).reduce((sum, n) => sum + n, 0));
  return {
    starts: tf.tensor1d(starts, "int32"),
    lengths: tf.tensor1d([...lengths], "int32"),
    tokens: lengths.reduce((sum, n) => sum + n, 0),
  };
}

export interface Applied {
  readonly value: Tensor;
  readonly gradients: readonly Tensor[];
}

/** A function's value, and the gradients of its sum weighted by repeatable slopes. */
export function apply(f: (...xs: Tensor[]) => Tensor, xs: readonly Tensor[]): Applied {
  const slopes = normal(tf.tidy(() => f(...xs)).shape, 99);
  const { value, grads } = tf.engine().gradients(() => f(...xs), [...xs], slopes);
  return { value, gradients: grads };
}

export function toHost(tensor: Tensor): HostTensor {
  return { shape: [...tensor.shape], data: Float32Array.from(tensor.dataSync()) };
}
