import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { execute, executeChain, integers } from "../execute";
import { tf } from "../tensorflow";
import type { Randomness } from "../types";
import { fused } from "./fused";

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
  const mask = dropoutMask(x.shape, rate, random);
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

/** Draws the next mask; `undefined` where nothing is dropped. */
export function dropoutMask(
  shape: readonly number[],
  rate: number,
  random: Randomness | undefined,
): DropoutMask | undefined {
  if (!(rate >= 0 && rate < 1)) throw new Error(`A dropout rate is in [0, 1); got ${rate}.`);
  const dropped = Math.round(rate * levels);
  if (!random || dropped === 0) return undefined;
  if (dropped === levels) throw new Error(`The dropout rate ${rate} keeps nothing.`);
  const seed = tf.add(random.seed, integers([0, Math.imul(random.next(), callsApart)]));
  // Half an int32 each: drawing bits is most of dropout's cost.
  const size = shape.reduce((product, d) => product * d, 1);
  const words = Math.ceil(size / 2);
  const keep = executeChain((run, id) => {
    const bits = run(
      "StatelessRandomUniformFullInt",
      { dtype: "int32", T: "int32", Tseed: "int32" },
      [id(integers([words])), id(seed)],
    );
    let halves = run("Bitcast", { T: "int32", type: "int16" }, [bits]);
    if (2 * words !== size) {
      const flat = { T: "int16", Tshape: "int32" } as const;
      const all = run("Reshape", flat, [halves, id(integers([2 * words]))]);
      const range = [id(integers([0])), id(integers([size]))];
      halves = run("Slice", { T: "int16", Index: "int32" }, [all, ...range]);
    }
    const shaped = run("Reshape", { T: "int16", Tshape: "int32" }, [halves, id(integers(shape))]);
    const threshold = run("Cast", { SrcT: "int32", DstT: "int16", Truncate: false }, [
      id(tf.scalar(dropped - levels / 2, "int32")),
    ]);
    return run("GreaterEqual", { T: "int16" }, [shaped, threshold]);
  });
  return { keep, scale: levels / (levels - dropped) };
}
