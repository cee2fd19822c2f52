import { types } from "./execute";
import type { Known } from "./shape-rules";
import { sizeOf } from "./shapes";

type Values = readonly number[];

/** Values of more are not followed: they are no sizes. */
const mostValues = 8;

/**
 * What an op that computes sizes gives at the nominal sizes of a recording, so that shapes that depend on it can be
 * inferred; `undefined` for other ops, and where an input is not known.
 */
export function nominalValues(op: string, inputs: readonly Known[]): Values | undefined {
  if (op === "Shape") return inputs[0]!.shape;
  if (op === "Size") return [sizeOf(inputs[0]!.shape)];
  const compute = sizes[op];
  if (!compute) return undefined;
  const values = inputs.map(({ values, dtype }) =>
    values && dtype === types.int32 && values.length <= mostValues ? Array.from(values) : undefined,
  );
  return values.every((value) => value !== undefined) ? compute(...values) : undefined;
}

const sizes: Readonly<Record<string, (...inputs: Values[]) => Values>> = {
  Reshape: (x) => x!,
  GatherV2: (x, indices) => indices!.map((index) => x![index]!),
  Add: elementwise((x, y) => x + y),
  Sub: elementwise((x, y) => x - y),
  Mul: elementwise((x, y) => x * y),
  FloorDiv: elementwise((x, y) => Math.floor(x / y)),
  Pack: (...parts) => parts.flat(),
  ConcatV2: (...parts) => parts.slice(0, -1).flat(),
};

function elementwise(compute: (x: number, y: number) => number) {
  return (a: Values, b: Values): Values =>
    Array.from({ length: Math.max(a.length, b.length) }, (_, i) =>
      compute(a[i % a.length]!, b[i % b.length]!),
    );
}
