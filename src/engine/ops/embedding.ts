import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { tf } from "../tensorflow";
import { fused } from "./fused";
import { gather, segmentSum } from "./sizes";

/**
 * Rows of a table by index.
 * @param table `[entries, width]`
 * @param ids int32, any shape; each in [0, entries)
 * @returns `[...ids.shape, width]`
 */
export function embedding(table: Tensor, ids: Tensor): Tensor {
  const [entries, width] = table.shape as [number, number];
  return fused([table], (table) => ({
    value: gather(table, ids),
    saved: [ids],
    // Adds only the rows that were looked up to a table of zeros.
    gradient: (dy, [ids]) => [
      segmentSum(tf.reshape(dy, [-1, width]), tf.reshape(ids!, [-1]), tf.scalar(entries, "int32")),
    ],
  }));
}
