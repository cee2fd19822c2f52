import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { sizeOf } from "./shapes";
import { tf } from "./tensorflow";

/**
 * Values between the starts of two parameters in one variable are a multiple of this: TensorFlow's slices then share
 * the variable's memory, which they copy otherwise.
 */
const alignment = 16;

export interface Place {
  readonly start: number;
  readonly size: number;
  /** Unused values behind it. */
  readonly padding: number;
}

/** Where parameters of some shapes lie in the one variable that holds them all. */
export function layOut(shapes: readonly (readonly number[])[]): Place[] {
  let start = 0;
  return shapes.map((shape) => {
    const size = sizeOf(shape);
    const padding = -size & (alignment - 1);
    const place = { start, size, padding };
    start += size + padding;
    return place;
  });
}

/** Values of parameters one after another, as they lie in their variable. */
export function concatenate(parameters: readonly Tensor[]): Tensor {
  const parts = layOut(parameters.map(({ shape }) => shape)).flatMap(({ size, padding }, at) => {
    const whole = parameters[at]!;
    const flat = whole.rank === 1 ? whole : tf.reshape(whole, [size]);
    return padding > 0 ? [flat, tf.zeros([padding])] : [flat];
  });
  return tf.concat(parts);
}
