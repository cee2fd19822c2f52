import type { BatchShape, Feed, TensorSpec } from "../engine";
import { type Standardisation, standardise } from "../glue/targets";
import type { Row } from "../glue/types";
import type { Tokenizer } from "../models";
import type { Batch } from "./batches";

/** Rows as a model reads them. */
export interface Examples {
  /** Tokens of each row. */
  readonly lengths: readonly number[];
  /** Of a batch of a shape. */
  inputs(shape: BatchShape): Readonly<Record<string, TensorSpec>>;
  /** A batch's values; rows that only fill it repeat its first. */
  feed(batch: Batch): Feed;
}

/** Texts or pairs as token ids, encoded once. */
export function tokenExamples(
  rows: readonly Pick<Row, "text" | "pair">[],
  options: { tokenizer: Tokenizer; maxTokens: number; padTokenId: number },
): Examples {
  const encodings = rows.map((row) =>
    options.tokenizer.encode(row.text, row.pair, options.maxTokens),
  );
  return {
    lengths: encodings.map(({ ids }) => ids.length),
    inputs: ({ batch, tokens }) => {
      const spec = { shape: [batch, tokens], dtype: "int32" } as const;
      return { ids: spec, types: spec, mask: spec };
    },
    feed: ({ shape: { batch, tokens }, rows }) => {
      const ids = new Int32Array(batch * tokens).fill(options.padTokenId);
      const types = new Int32Array(batch * tokens);
      const mask = new Int32Array(batch * tokens);
      for (let row = 0; row < batch; row++) {
        const encoding = encodings[rows[row] ?? rows[0]!]!;
        ids.set(encoding.ids, row * tokens);
        types.set(encoding.types, row * tokens);
        mask.fill(1, row * tokens, row * tokens + encoding.ids.length);
      }
      return { ids, types, mask };
    },
  };
}

/**
 * What a frozen encoder made of the rows.
 *
 * @param values `[rows, width]`
 */
export function featureExamples(values: Float32Array, width: number): Examples {
  return {
    lengths: Array.from({ length: values.length / width }, () => 1),
    inputs: ({ batch }) => ({ features: { shape: [batch, width], dtype: "float32" } }),
    feed: ({ shape: { batch }, rows }) => {
      const features = new Float32Array(batch * width);
      for (let row = 0; row < batch; row++) {
        const from = (rows[row] ?? rows[0]!) * width;
        features.set(values.subarray(from, from + width), row * width);
      }
      return { features };
    },
  };
}

/**
 * What a loss needs besides: labels, or standardised scores, and 0 as the weight of rows that only fill the batch.
 */
export function targetFeed(
  targets: readonly number[],
  { shape: { batch }, rows }: Batch,
  standardisation: Standardisation | null,
): Feed {
  const values = standardisation ? new Float32Array(batch) : new Int32Array(batch);
  const weights = new Float32Array(batch);
  rows.forEach((row, at) => {
    values[at] = standardisation ? standardise(targets[row]!, standardisation) : targets[row]!;
    weights[at] = 1;
  });
  return { targets: values, weights };
}
