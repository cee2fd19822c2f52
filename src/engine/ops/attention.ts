import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { execute } from "../execute";
import { tf } from "../tensorflow";
import type { Randomness } from "../types";
import { applyMask, dropoutMask } from "./dropout";
import { fused } from "./fused";

/** Added to the score of a masked key: its probability underflows to 0, and a row without any key stays finite. */
const masked = -1e9;

/**
 * Scaled dot-product attention in several heads (Vaswani et al. 2017, equation 1), softmax(Q Kᵀ / √d) V.
 * @param query `[batch * tokens, hidden]`
 * @param key `[batch * keys, hidden]`
 * @param value as `key`
 * @param bias `[batch, 1, 1, keys]`, from `attentionBias`
 * @param options.rate dropout of the probabilities
 * @returns `[batch * tokens, hidden]`
 */
export function attention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  bias: Tensor,
  options: { heads: number; rate: number; random: Randomness | undefined },
): Tensor {
  const { heads } = options;
  const batch = bias.shape[0]!;
  const hidden = query.shape[1]!;
  const [tokens, keys] = [query.shape[0]! / batch, key.shape[0]! / batch];
  const width = hidden / heads;
  if (!Number.isInteger(width) || !Number.isInteger(tokens) || bias.shape[3] !== keys)
    throw new Error(
      `attention takes [batch * tokens, hidden] with hidden a multiple of ${heads} heads and a bias [batch, 1, 1, keys]; ` +
        `got query [${query.shape}], key [${key.shape}], bias [${bias.shape}].`,
    );
  const split = (x: Tensor, rows: number) =>
    tf.transpose(tf.reshape(x, [batch, rows, heads, width]), [0, 2, 1, 3]);
  const join = (x: Tensor, rows: number) =>
    tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch * rows, hidden]);
  const scale = 1 / Math.sqrt(width);
  const mask = dropoutMask([batch, heads, tokens, keys], options.rate, options.random);

  return fused([query, key, value], (query, key, value) => {
    const [q, k, v] = [tf.mul(split(query, tokens), scale), split(key, keys), split(value, keys)];
    const probabilities = tf.softmax(tf.add(multiply(q, k, false, true), bias));
    const kept = mask ? applyMask(probabilities, mask) : probabilities;
    return {
      value: join(multiply(kept, v, false, false), tokens),
      saved: [q, k, v, probabilities, kept],
      gradient: (dy, [q, k, v, probabilities, kept]) => {
        const d = split(dy, tokens);
        const dv = multiply(kept!, d, true, false);
        // Dropout's factor and softmax's in one: kept = probabilities ∘ factors.
        const slope = tf.mul(multiply(d, v!, false, true), kept!);
        const dScores = tf.sub(slope, tf.mul(probabilities!, tf.sum(slope, -1, true)));
        const dq = tf.mul(multiply(dScores, k!, false, false), scale);
        const dk = multiply(dScores, q!, true, false);
        return [join(dq, tokens), join(dk, keys), join(dv, keys)];
      },
    };
  });
}

/**
 * What `attention` adds to its scores.
 * @param mask int32 `[batch, keys]`: 1 for a token, 0 for padding
 * @returns `[batch, 1, 1, keys]`: 0 or a large negative number
 */
export function attentionBias(mask: Tensor): Tensor {
  const [batch, keys] = mask.shape as [number, number];
  const absent = tf.sub(1, tf.cast(mask, "float32"));
  return tf.reshape(tf.mul(absent, masked), [batch, 1, 1, keys]);
}

/** The product of the last two dimensions. */
function multiply(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  return execute("BatchMatMulV2", { adj_x: transposeA, adj_y: transposeB, T: "float32" }, [a, b]);
}
