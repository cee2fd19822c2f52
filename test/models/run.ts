import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { expect } from "vitest";
import { type Feed, type ParameterMap, type Tensors, tf } from "../../src/engine";
import type { EncoderInputs } from "../../src/models";

/** Rows of equal length, as a tokenizer and padding make them. */
export interface Rows {
  readonly ids: readonly (readonly number[])[];
  readonly types: readonly (readonly number[])[];
  readonly mask: readonly (readonly number[])[];
}

const matrix = (rows: readonly (readonly number[])[]) =>
  tf.tensor2d(rows as number[][], undefined, "int32");

export const inputsOf = ({ ids, types, mask }: Rows): EncoderInputs => ({
  ids: matrix(ids),
  types: matrix(types),
  mask: matrix(mask),
});

export const feedOf = ({ ids, types, mask }: Rows): Feed => ({
  ids: Int32Array.from(ids.flat()),
  types: Int32Array.from(types.flat()),
  mask: Int32Array.from(mask.flat()),
});

/** Runs with parameters as tensors and gives the result as numbers; frees all else. */
export const run = (
  parameters: ParameterMap,
  compute: (tensors: Tensors) => Tensor,
): Float32Array =>
  tf.tidy(() => {
    const tensors = Object.fromEntries(
      [...parameters].map(([name, { shape, data }]) => [name, tf.tensor(data, [...shape])]),
    );
    return Float32Array.from(compute(tensors).dataSync());
  });

/** The largest difference of two equally long lists. */
export function largest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);
}
