import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { execute } from "../execute";
import { tf } from "../tensorflow";
import { fused } from "./fused";
import { gather } from "./sizes";

/**
 * A weight with values added at some of its entries.
 * @param weight any shape
 * @param indices int32 `[entries]`: positions in the flattened weight
 * @param deltas `[entries]`
 * @returns the weight's shape
 */
export function scatterAdd(weight: Tensor, indices: Tensor, deltas: Tensor): Tensor {
  const { shape } = weight;
  return fused([weight, deltas], (weight, deltas) => ({
    value: tf.reshape(
      execute("TensorScatterAdd", { T: "float32", Tindices: "int32" }, [
        tf.reshape(weight, [-1]),
        tf.reshape(indices, [-1, 1]),
        deltas,
      ]),
      shape,
    ),
    saved: [indices],
    gradient: (dy, [indices]) => [dy, gather(tf.reshape(dy, [-1]), indices!)],
  }));
}
