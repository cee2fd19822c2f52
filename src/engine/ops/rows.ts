import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { execute } from "../execute";
import { tf } from "../tensorflow";
import { fused } from "./fused";
import { gather, lengthOf, segmentSum } from "./sizes";

/**
 * Where the rows of a batch are among its tokens, int32 `[rows]` each. A batch holds the tokens of its rows one row
 * after another, without padding; tokens behind the last row belong to none. No row is empty.
 */
export interface Rows {
  /** The row's first token. */
  readonly starts: Tensor;
  /** How many it has. */
  readonly lengths: Tensor;
}

/** The tokens of a batch laid out as `[rows, longest]`, padded at the ends of rows. */
export interface Grid {
  /** int32 `[rows, longest]`: the token of each place; of padding the row's first. */
  readonly tokens: Tensor;
  /** As `tokens`, but -1 for padding. */
  readonly segments: Tensor;
  /** int32 `[longest]`. */
  readonly places: Tensor;
}

/** Lays out a batch. */
export function gridOf({ starts, lengths }: Rows): Grid {
  const [first, step] = [tf.scalar(0, "int32"), tf.scalar(1, "int32")];
  const places = execute("Range", { Tidx: "int32" }, [first, tf.max(lengths), step]);
  const present = tf.less(places, tf.reshape(lengths, [-1, 1]));
  const start = tf.reshape(starts, [-1, 1]);
  const token = tf.add(start, places);
  const choose = (other: Tensor) => execute("SelectV2", { T: "int32" }, [present, token, other]);
  return { tokens: choose(start), segments: choose(tf.scalar(-1, "int32")), places };
}

/**
 * The first token of each row.
 * @param states `[tokens, width]`
 * @returns `[rows, width]`
 */
export function firstTokens(states: Tensor, { starts }: Pick<Rows, "starts">): Tensor {
  return fused([states], (states) => ({
    value: gather(states, starts),
    saved: [starts, lengthOf(states)],
    gradient: (dy, [starts, count]) => [segmentSum(dy, starts!, count!)],
  }));
}

/**
 * The mean over the tokens of each row.
 * @param states `[tokens, width]`
 * @returns `[rows, width]`
 */
export function meanTokens(states: Tensor, rows: Rows): Tensor {
  const width = states.shape[1]!;
  return fused([states], (states) => {
    const { tokens, segments, places } = gridOf(rows);
    const lengths = tf.reshape(rows.lengths, [-1, 1, 1]);
    const present = tf.cast(tf.less(places, lengths), "float32");
    const shares = tf.div(present, tf.cast(lengths, "float32"));
    return {
      value: tf.reshape(product(shares, gather(states, tokens), false), [-1, width]),
      saved: [shares, segments, lengthOf(states)],
      gradient: (dy, [shares, segments, count]) => {
        const spread = product(shares!, tf.reshape(dy, [-1, 1, width]), true);
        return [segmentSum(spread, segments!, count!)];
      },
    };
  });
}

/** The product of the last two dimensions. */
function product(a: Tensor, b: Tensor, transposeA: boolean): Tensor {
  return execute("BatchMatMulV2", { adj_x: transposeA, adj_y: false, T: "float32" }, [a, b]);
}
