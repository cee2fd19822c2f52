import type { Feed } from "../engine";
import { type Standardisation, standardise } from "../glue/targets";
import type { Row } from "../glue/types";
import type { Tokenizer } from "../models";
import { type Batch, tokensOf } from "./batches";

/** Rows as a model reads them. */
export interface Examples {
  /** Tokens of each row. */
  readonly lengths: readonly number[];
  /** The values of some rows. */
  feed(rows: Batch): Feed;
}

/** Texts or pairs as token ids, encoded once. A feed has what `EncoderInputs` names, and no token without a row. */
export function tokenExamples(
  rows: readonly Pick<Row, "text" | "pair">[],
  options: { tokenizer: Tokenizer; maxTokens: number },
): Examples {
  const encodings = rows.map((row) =>
    options.tokenizer.encode(row.text, row.pair, options.maxTokens),
  );
  const lengths = encodings.map(({ ids }) => ids.length);
  return {
    lengths,
    feed(batch) {
      const tokens = tokensOf(lengths, batch);
      const feed = {
        ids: new Int32Array(tokens),
        types: new Int32Array(tokens),
        positions: new Int32Array(tokens),
        starts: new Int32Array(batch.length),
        lengths: Int32Array.from(batch, (row) => lengths[row]!),
      };
      let start = 0;
      for (const [at, row] of batch.entries()) {
        const { ids, types } = encodings[row]!;
        feed.ids.set(ids, start);
        feed.types.set(types, start);
        feed.positions.set([...ids.keys()], start);
        feed.starts[at] = start;
        start += ids.length;
      }
      return feed;
    },
  };
}

/**
 * What a frozen encoder made of the rows; a feed has `features` `[rows, width]`.
 *
 * @param values `[rows, width]`
 */
export function featureExamples(values: Float32Array, width: number): Examples {
  return {
    lengths: Array.from({ length: values.length / width }, () => 1),
    feed(batch) {
      const features = new Float32Array(batch.length * width);
      for (const [at, row] of batch.entries())
        features.set(values.subarray(row * width, (row + 1) * width), at * width);
      return { features };
    },
  };
}

/** What a loss needs besides: labels, or standardised scores. */
export function targetFeed(
  targets: readonly number[],
  rows: Batch,
  standardisation: Standardisation | null,
): Feed {
  return {
    targets: standardisation
      ? Float32Array.from(rows, (row) => standardise(targets[row]!, standardisation))
      : Int32Array.from(rows, (row) => targets[row]!),
  };
}
