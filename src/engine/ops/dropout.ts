import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { execute, executeChain, integers } from "../execute";
import { tf } from "../tensorflow";
import type { Randomness } from "../types";
import { fused } from "./fused";
import { shapeOf, sizeOf } from "./sizes";

/** Values of an int16: the resolution of a dropout rate. */
const levels = 65536;

/** Most dropouts of a step, and with it the distance of their seeds. */
const callsApart = 1 << 20;

/**
 * Inverted dropout: each value is zero with probability `rate`, the others are scaled so that the mean stays.
 * The rate is rounded to 1/65536 and the scale is exact for the rounded one.
 * @param random absent: the identity, as in evaluation
 */
export function dropout(x: Tensor, rate: number, random: Randomness | undefined): Tensor {
  const mask = dropoutMask(x, rate, random);
  if (!mask) return x;
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

/** Draws the next mask, of the shape of `x`; `undefined` where nothing is dropped. */
export function dropoutMask(
  x: Tensor,
  rate: number,
  random: Randomness | undefined,
): DropoutMask | undefined {
  if (!(rate >= 0 && rate < 1)) throw new Error(`A dropout rate is in [0, 1); got ${rate}.`);
  const dropped = Math.round(rate * levels);
  if (!random || dropped === 0) return undefined;
  if (dropped === levels) throw new Error(`The dropout rate ${rate} keeps nothing.`);
  const seed = tf.add(random.seed, integers([0, Math.imul(random.next(), callsApart)]));
  // Half an int32 each: drawing bits is most of dropout's cost.
  const size = tf.reshape(sizeOf(x), [1]);
  const words = tf.floorDiv(tf.add(size, integers([1])), integers([2]));
  // Nominal sizes are odd, so that what is even in a recording is even in every batch.
  const odd = x.size % 2 === 1;
  const shape = shapeOf(x);
  const keep = executeChain((run, id) => {
    const bits = run(
      "StatelessRandomUniformFullInt",
      { dtype: "int32", T: "int32", Tseed: "int32" },
      [id(words), id(seed)],
    );
    const reshape = { T: "int16", Tshape: "int32" } as const;
    let halves = run("Bitcast", { T: "int32", type: "int16" }, [bits]);
    if (odd) {
      const all = run("Reshape", reshape, [halves, id(integers([-1]))]);
      halves = run("Slice", { T: "int16", Index: "int32" }, [all, id(integers([0])), id(size)]);
    }
    const shaped = run("Reshape", reshape, [halves, id(shape)]);
    const threshold = run("Cast", { SrcT: "int32", DstT: "int16", Truncate: false }, [
      id(tf.scalar(dropped - levels / 2, "int32")),
    ]);
    return run("GreaterEqual", { T: "int16" }, [shaped, threshold]);
  });
  return { keep, scale: levels / (levels - dropped) };
}
