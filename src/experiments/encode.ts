import type { Row } from "../glue/types";
import type { Pretrained } from "../models/types";
import { type Examples, tokenExamples } from "../training/examples";

/** Rows as an encoder reads them. */
export function encodeRows(
  rows: readonly Pick<Row, "text" | "pair">[],
  { tokenizer }: Pretrained,
  maxTokens: number,
): Examples {
  return tokenExamples(rows, { tokenizer, maxTokens });
}
