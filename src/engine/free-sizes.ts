import type { Known } from "./shape-rules";
import type { TensorSpec } from "./types";

/**
 * Sizes that stand for the free ones while a step is recorded: odd primes, so that what was computed from them is
 * told from other numbers. `range`: results of `Range` whose end only the replay knows.
 */
export const nominal = { rows: 65537, tokens: 104729, range: 32771 } as const;

/** Constants of more values are data, such as indices, and no shapes. */
const mostSizes = 8;

const primes = Object.values(nominal);

/** A shape as a recording sees it. */
export function nominalShape({ shape }: Pick<TensorSpec, "shape">): number[] {
  return shape.map((size) => (typeof size === "number" ? size : nominal[size]));
}

/** A shape as TensorFlow is told it: -1 for a free size. */
export function declaredShape({ shape }: Pick<TensorSpec, "shape">): number[] {
  return shape.map((size) => (typeof size === "number" ? size : -1));
}

function isFree(size: number): boolean {
  return Number.isInteger(size) && size !== 0 && primes.some((prime) => size % prime === 0);
}

/**
 * The shape that a `Reshape` or `Slice` takes, said so that it holds for every batch: -1 for its one free size, or
 * for the rest of a free dimension. TensorFlow.js says such shapes in numbers, in the gradients of other ops too.
 * @param result the shape of its output
 * @returns `undefined` where there is nothing to say differently
 */
export function sizeless(
  op: string,
  [x, begin]: readonly Known[],
  result: readonly number[],
): readonly number[] | undefined {
  if (!result.some(isFree) && !(op === "Slice" && x!.shape.some(isFree))) return undefined;
  if (op === "Reshape") {
    const shape = result.map((size) => (isFree(size) ? -1 : size));
    return shape.filter((size) => size < 0).length === 1 ? shape : undefined;
  }
  if (op === "Slice" && begin!.values) {
    const starts = begin!.values;
    return result.map((size, axis) => {
      const whole = x!.shape[axis]!;
      return isFree(whole) && starts[axis]! + size === whole ? -1 : size;
    });
  }
  return undefined;
}

/** Throws where an op's constant holds a size that only the recording had. */
export function refuseSizes(op: string, { shape, values }: Known): void {
  const few = values && values.length <= mostSizes ? Array.from(values) : [];
  // A mean's factor is one part of a size.
  const held = [...shape, ...few, ...few.map((value) => inverse(value))].some(isFree);
  if (!held) return;
  const what =
    shape.length === 0 ? "value" : few.length > 0 ? `values [${few}]` : `shape [${shape}]`;
  throw new Error(
    `The op ${op} cannot be recorded: it takes a size of the batch as a number, and every batch has its own ` +
      `(a constant of the ${what}). Leave the size open with -1, or use an op of \`ops\` that computes it ` +
      "when the step runs, such as ops.meanTokens, ops.firstTokens or a loss.",
  );
}

/** The integer of which a small factor is one part, if it is one of a size that could be meant. */
function inverse(value: number): number {
  const whole = Math.round(1 / value);
  return whole < 2 ** 24 && Math.fround(1 / whole) === Math.fround(value) ? whole : 0;
}
