import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { expect } from "vitest";
import { type ParameterMap, type Tensors, tf } from "../../src/engine";
import type { EncoderInputs } from "../../src/models";

/** Rows of equal length, as other libraries take them: padded at their ends where `mask` is 0. */
export interface Rows {
  readonly ids: readonly (readonly number[])[];
  readonly types: readonly (readonly number[])[];
  readonly mask: readonly (readonly number[])[];
}

/**
 * Padded rows as a batch of ours, the padding left out.
 * @param tail how many tokens of no row stand behind the last one; default none
 */
export function feedOf({ ids, types, mask }: Rows, tail = 0) {
  const lengths = Int32Array.from(mask.map((row) => row.filter(Boolean).length));
  const starts = lengths.map((_, row) => lengths.slice(0, row).reduce((sum, n) => sum + n, 0));
  const pack = (rows: readonly (readonly number[])[]) =>
    Int32Array.from([
      ...rows.flatMap((row, at) => row.slice(0, lengths[at])),
      ...new Array<number>(tail).fill(0),
    ]);
  const positions = pack(ids.map((row) => [...row.keys()]));
  return { ids: pack(ids), types: pack(types), positions, starts, lengths };
}

export function inputsOf(rows: Rows, tail = 0): EncoderInputs {
  const { ids, types, positions, starts, lengths } = feedOf(rows, tail);
  const tensor = (values: Int32Array) => tf.tensor1d(values, "int32");
  return {
    ids: tensor(ids),
    types: tensor(types),
    positions: tensor(positions),
    starts: tensor(starts),
    lengths: tensor(lengths),
  };
}

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
