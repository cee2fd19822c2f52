import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import type { ParameterMap, Randomness, Tensors } from "../engine";

/** The shape of a BERT encoder; names and meaning follow `config.json`. */
export interface EncoderConfig {
  readonly modelType: "bert";
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediateSize: number;
  readonly maxPositions: number;
  readonly typeVocabSize: number;
  readonly layerNormEpsilon: number;
  readonly hiddenDropout: number;
  readonly attentionDropout: number;
  readonly padTokenId: number;
}

/** Linear maps of a layer that a method can reach. */
export type LinearSite = "query" | "key" | "value" | "attention.output" | "intermediate" | "output";

/** Sub-layers of a layer that end in residual and layer norm. */
export type BlockSite = "attention.output" | "output";

/** What every site call carries. */
export interface SiteContext {
  /** 0-based. */
  readonly layer: number;
  /** Every parameter by name, the method's own included. */
  readonly parameters: Tensors;
  /** Absent in evaluation: dropout is the identity. */
  readonly random: Randomness | undefined;
}

/**
 * What a method does at the encoder's named sites. The encoder's forward pass knows sites and no method.
 * Tensors are `[tokens, width]`: the tokens of all rows one after another, without padding, and perhaps some at the
 * end that belong to no row. In the last layer, where only first tokens are read, they are `[rows, width]` from the
 * query on. How many there are is another number in every batch: see `StepDefinition`.
 */
export interface Sites {
  /** A stored parameter replaced by a function of it (masks, deltas). Called for encoder and pooler names. */
  parameter?(name: string, value: Tensor, parameters: Tensors): Tensor;
  /** A linear map replaced or added to. `base()` is the map itself. */
  linear?(
    site: LinearSite,
    input: Tensor,
    base: () => Tensor,
    context: SiteContext & { readonly weight: Tensor; readonly bias: Tensor },
  ): Tensor;
  /**
   * The end of a sub-layer. `hidden` is the sub-layer's output after dropout, before the residual;
   * without a method the encoder computes `norm(hidden, residual)`, the layer norm of their sum.
   */
  block?(
    site: BlockSite,
    hidden: Tensor,
    residual: Tensor,
    norm: (x: Tensor, residual: Tensor) => Tensor,
    context: SiteContext,
  ): Tensor;
}

/** One batch for the encoder, int32: the tokens of its rows one row after another, without padding. */
export interface EncoderInputs {
  /** `[tokens]` */
  readonly ids: Tensor;
  /** `[tokens]`: the segment of each. */
  readonly types: Tensor;
  /** `[tokens]`: the place of each within its row, from 0. */
  readonly positions: Tensor;
  /** `[rows]`: each row's first token. */
  readonly starts: Tensor;
  /** `[rows]`: how many tokens it has, one at least. Tokens behind the last row belong to none. */
  readonly lengths: Tensor;
}

/**
 * How the encoder's states become class scores or a value:
 * `pooler` trains BERT's pooler and a classifier in every method (the default), `frozen-pooler` leaves the pooler to
 * the method, as the papers did (BitFit trains its bias, full fine-tuning all of it, the others nothing), `mean`
 * averages the last states over the tokens and has no pooler.
 */
export type HeadKind = "pooler" | "frozen-pooler" | "mean";

/** One text or a pair, as token ids with special tokens. */
export interface Encoding {
  readonly ids: readonly number[];
  readonly types: readonly number[];
}

export interface Tokenizer {
  /** Every id is below this. */
  readonly size: number;
  /** Truncated longest-first to `maxTokens`, special tokens counted. */
  encode(text: string, pair: string | undefined, maxTokens: number): Encoding;
}

/** A pre-trained encoder as loaded from a Hugging Face folder. */
export interface Pretrained {
  /** Its own name, such as `all-MiniLM-L6-v2`. */
  readonly name: string;
  /** Where it was loaded from. */
  readonly folder: string;
  readonly config: EncoderConfig;
  /** Names carry the `bert.` prefix, as in `BertForSequenceClassification`. */
  readonly parameters: ParameterMap;
  readonly tokenizer: Tokenizer;
  /** SHA-256 over config, weights and vocabulary. */
  readonly fingerprint: string;
}
