import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { execute } from "../execute";
import { hasKernels, tf } from "../tensorflow";
import type { Randomness } from "../types";
import { applyMask, type Draw, dropoutMask, nextDraw } from "./dropout";
import { fused } from "./fused";
import { attentionKernel } from "./kernels";
import { gridOf, type Rows } from "./rows";
import { gather, lengthOf, segmentSum } from "./sizes";

/** The score of padding: its probability underflows to 0. */
const masked = -1e9;

export interface AttentionOptions {
  readonly heads: number;
  /** Dropout of the probabilities. */
  readonly rate: number;
  /** Absent: no dropout, as in evaluation. */
  readonly random: Randomness | undefined;
}

/**
 * Scaled dot-product attention in several heads (Vaswani et al. 2017, equation 1), softmax(Q Kᵀ / √d) V, within each
 * row of a batch.
 * @param query `[tokens, hidden]`, or `[rows, hidden]` where only each row's first token asks
 * @param key `[tokens, hidden]`
 * @param value as `key`
 * @returns the shape of `query`; zeros for tokens of no row
 */
export function attention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  rows: Rows,
  options: AttentionOptions,
): Tensor {
  const shapes = [query, key, value].map(({ shape }) => `${shape}`);
  const [tokens, hidden] = key.shape as [number, number];
  const asking = [tokens, rows.starts.shape[0]!].map((count) => `${[count, hidden]}`);
  if (hidden % options.heads !== 0 || shapes[1] !== shapes[2] || !asking.includes(shapes[0]!))
    throw new Error(
      `attention takes a key and a value [tokens, hidden], hidden a multiple of ${options.heads} heads, and a query ` +
        `[tokens, hidden] or [rows, hidden]; got query [${shapes[0]}], key [${shapes[1]}], value [${shapes[2]}], ` +
        `${rows.starts.shape[0]} rows.`,
    );
  const draw = nextDraw(options.rate, options.random);
  const attend = hasKernels ? attentionKernel : composedAttention;
  return attend(query, key, value, rows, options.heads, draw);
}

/** `attention` made of TensorFlow's ops, on rows padded to the longest. */
export function composedAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  rows: Rows,
  heads: number,
  draw: Draw | undefined,
): Tensor {
  const hidden = key.shape[1]!;
  const width = hidden / heads;
  const scale = 1 / Math.sqrt(width);
  const all = query.shape[0] === key.shape[0];
  return fused([query, key, value], (query, key, value) => {
    const { tokens, segments, places } = gridOf(rows);
    const lengths = tf.reshape(rows.lengths, [-1, 1, 1, 1]);
    /** `[rows, 1, 1, longest]`: 0, or `masked` for padding. */
    const bias = select(tf.less(places, lengths), tf.scalar(0), tf.scalar(masked));
    /** `[rows, longest, 1, 1]` */
    const present = tf.less(tf.reshape(places, [-1, 1, 1]), lengths);
    const asking = (x: Tensor) =>
      all ? pad(x, tokens, heads) : tf.reshape(x, [-1, heads, 1, width]);
    const [q, k, v] = [
      tf.mul(asking(query), scale),
      pad(key, tokens, heads),
      pad(value, tokens, heads),
    ];
    const probabilities = tf.softmax(tf.add(multiply(q, k, false, true), bias));
    const mask = draw && dropoutMask(probabilities, draw);
    const kept = mask ? applyMask(probabilities, mask) : probabilities;
    const count = lengthOf(key);
    const pack = (x: Tensor, segments: Tensor, count: Tensor) =>
      tf.reshape(segmentSum(tf.transpose(x, [0, 2, 1, 3]), segments, count), [-1, hidden]);
    const mixed = multiply(kept, v, false, false);
    return {
      value: all ? pack(mixed, segments, count) : tf.reshape(mixed, [-1, hidden]),
      saved: [q, k, v, probabilities, kept, tokens, segments, present, count],
      gradient(dy, [q, k, v, probabilities, kept, tokens, segments, present, count]) {
        const d = all ? pad(dy, tokens!, heads, present) : tf.reshape(dy, [-1, heads, 1, width]);
        const dv = multiply(kept!, d, true, false);
        // Dropout's factor and softmax's in one: kept = probabilities ∘ factors.
        const slope = tf.mul(multiply(d, v!, false, true), kept!);
        const dScores = tf.sub(slope, tf.mul(probabilities!, tf.sum(slope, -1, true)));
        const dq = tf.mul(multiply(dScores, k!, false, false), scale);
        const dk = multiply(dScores, q!, true, false);
        return [
          all ? pack(dq, segments!, count!) : tf.reshape(dq, [-1, hidden]),
          pack(dk, segments!, count!),
          pack(dv, segments!, count!),
        ];
      },
    };
  });
}

/**
 * `[tokens, hidden]` -> `[rows, heads, longest, hidden / heads]`.
 * @param tokens `[rows, longest]`, the token of each place
 * @param present where given, the other places get zeros
 */
function pad(x: Tensor, tokens: Tensor, heads: number, present?: Tensor): Tensor {
  const padded = gather(tf.reshape(x, [-1, heads, x.shape[1]! / heads]), tokens);
  const filled = present ? select(present, padded, tf.scalar(0)) : padded;
  return tf.transpose(filled, [0, 2, 1, 3]);
}

function select(condition: Tensor, a: Tensor, b: Tensor): Tensor {
  return execute("SelectV2", { T: "float32" }, [condition, a, b]);
}

/** The product of the last two dimensions. */
function multiply(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  return execute("BatchMatMulV2", { adj_x: transposeA, adj_y: transposeB, T: "float32" }, [a, b]);
}
