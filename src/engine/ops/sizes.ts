import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { execute, type TypeName } from "../execute";
import { tf } from "../tensorflow";

/** The number of a tensor's values, int32 scalar, computed when the step runs. */
export function sizeOf(x: Tensor): Tensor {
  return execute("Size", { T: x.dtype as TypeName, out_type: "int32" }, [x]);
}

/** A tensor's shape, int32 `[rank]`, computed when the step runs. */
export function shapeOf(x: Tensor): Tensor {
  return execute("Shape", { T: x.dtype as TypeName, out_type: "int32" }, [x]);
}

/**
 * The size of a tensor's first dimension, int32 scalar, computed when the step runs. The other dimensions are not free.
 * By division, which TensorFlow does on the processor: an entry of the shape it would fetch back from a GPU.
 */
export function lengthOf(x: Tensor): Tensor {
  const entry = x.shape.slice(1).reduce((product, size) => product * size, 1);
  return tf.floorDiv(sizeOf(x), tf.scalar(entry, "int32"));
}

/** Entries of the first dimension by index. */
export function gather(x: Tensor, indices: Tensor): Tensor {
  const types = { Tparams: x.dtype as TypeName, Tindices: "int32", Taxis: "int32" } as const;
  return execute("GatherV2", types, [x, indices, tf.scalar(0, "int32")]);
}

/**
 * Sums of entries by the segment that each belongs to.
 * @param x `[...segments.shape, ...entry]`
 * @param segments int32; entries of negative ones are left out
 * @param count int32 scalar
 * @returns `[count, ...entry]`, zeros where a segment has no entry
 */
export function segmentSum(x: Tensor, segments: Tensor, count: Tensor): Tensor {
  const types = { T: "float32", Tindices: "int32", Tnumsegments: "int32" } as const;
  return execute("UnsortedSegmentSum", types, [x, segments, count]);
}
