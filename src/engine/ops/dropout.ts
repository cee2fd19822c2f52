import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { execute, integers } from "../execute";
import { hasKernels, tf } from "../tensorflow";
import type { Randomness } from "../types";
import { fused } from "./fused";
import { dropoutKernel } from "./kernels";
import { shapeOf } from "./sizes";

/** Of 16 bits: the resolution of a dropout rate. */
const levels = 65536;

/** Most dropouts of a step, and with it the distance of their seeds. */
const callsApart = 1 << 20;

/**
 * Inverted dropout: each value is zero with probability `rate`, the others are scaled so that the mean stays.
 * The rate is rounded to 1/65536 and the scale is exact for the rounded one.
 * @param random absent: the identity, as in evaluation
 */
export function dropout(x: Tensor, rate: number, random: Randomness | undefined): Tensor {
  const draw = nextDraw(rate, random);
  if (!draw) return x;
  return hasKernels ? dropoutKernel(x, draw) : composedDropout(x, draw);
}

/** `dropout` made of TensorFlow's ops. */
export function composedDropout(x: Tensor, draw: Draw): Tensor {
  const mask = dropoutMask(x, draw);
  return fused([x], (x) => ({
    value: applyMask(x, mask),
    saved: [mask.keep],
    gradient: (dy, [keep]) => [applyMask(dy, { keep: keep!, scale: mask.scale })],
  }));
}

export interface DropoutMask {
  /** bool, of the shape of what is dropped; a quarter of the memory of factors, and kept until the backward pass. */
  readonly keep: Tensor;
  /** 1 / (1 - rate). */
  readonly scale: number;
}

/** Zero where the mask does not keep, the rest scaled. */
export function applyMask(x: Tensor, { keep, scale }: DropoutMask): Tensor {
  return execute("SelectV2", { T: "float32" }, [keep, tf.mul(x, scale), tf.scalar(0)]);
}

/** What is dropped where: one dropout of a step. */
export interface Draw {
  /** int32 `[2]`: the run's seed, the step. */
  readonly seed: Tensor;
  /** Its number within the step. */
  readonly call: number;
  /** Of 65536 values. */
  readonly dropped: number;
}

/** Numbers the next dropout of a step; `undefined` where nothing is dropped. */
export function nextDraw(rate: number, random: Randomness | undefined): Draw | undefined {
  if (!(rate >= 0 && rate < 1)) throw new Error(`A dropout rate is in [0, 1); got ${rate}.`);
  const dropped = Math.round(rate * levels);
  if (!random || dropped === 0) return undefined;
  if (dropped === levels) throw new Error(`The dropout rate ${rate} keeps nothing.`);
  return { seed: random.seed, call: random.next(), dropped };
}

/** The mask of a draw, of the shape of `x`. */
export function dropoutMask(x: Tensor, { seed: base, call, dropped }: Draw): DropoutMask {
  const seed = tf.add(base, integers([0, Math.imul(call, callsApart)]));
  const types = { dtype: "float32", T: "int32", Tseed: "int32" } as const;
  const drawn = execute("StatelessRandomUniform", types, [shapeOf(x), seed]);
  const keep = execute("GreaterEqual", { T: "float32" }, [drawn, tf.scalar(dropped / levels)]);
  return { keep, scale: levels / (levels - dropped) };
}
