import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tensorflow";

export interface Fused {
  readonly value: Tensor;
  /** What `gradient` needs of the forward pass; everything else made there is freed. */
  readonly saved: Tensor[];
  /** Gradients of the inputs, in their order, from the gradient of the value. */
  gradient(dy: Tensor, saved: readonly Tensor[]): Tensor[];
}

/** Applies an op that brings its own gradient, so that the tape holds one node and not its parts. */
export function fused<const Inputs extends readonly Tensor[]>(
  inputs: Inputs,
  forward: (...inputs: { [I in keyof Inputs]: Tensor }) => Fused,
): Tensor {
  const op = tf.customGrad((...args) => {
    const save = args.pop() as (tensors: Tensor[]) => void;
    const { value, saved, gradient } = forward(...(args as { [I in keyof Inputs]: Tensor }));
    save(saved);
    return { value, gradFunc: (dy, kept) => gradient(dy, kept) };
  });
  return op(...inputs);
}
