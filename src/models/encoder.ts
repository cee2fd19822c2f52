import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { ops, type Randomness, type Tensors, tf } from "../engine";
import { embeddingNames, layerNames } from "./layout";
import type { BlockSite, EncoderConfig, EncoderInputs, LinearSite, Sites } from "./types";

/** What a forward pass is given besides parameters and inputs. */
export interface ForwardOptions {
  /** What a method does on the way. */
  readonly sites?: Sites | undefined;
  /** Absent in evaluation: no dropout. */
  readonly random?: Randomness | undefined;
}

/** Which states the head reads; of the last layer only these are computed. */
export type Wanted = "first" | "all";

/**
 * BERT's encoder (Devlin et al. 2019): embeddings, then `config.layers` layers of attention and feed-forward, each
 * ending in residual and layer norm. Rows are flattened: every linear map is a product of two matrices.
 *
 * @param parameters by Hugging Face's names, the method's own included.
 * @returns last states: `[batch * tokens, hidden]`, or `[batch, hidden]` of each row's first token.
 */
export function encode(
  config: EncoderConfig,
  parameters: Tensors,
  inputs: EncoderInputs,
  { sites, random, wanted }: ForwardOptions & { readonly wanted: Wanted },
): Tensor {
  const [batch, tokens] = inputs.ids.shape as [number, number];
  if (tokens > config.maxPositions)
    throw new Error(
      `A batch of ${tokens} tokens; the encoder has ${config.maxPositions} positions. Truncate the texts.`,
    );
  const read = parameterReader(parameters, sites);
  const norm = (name: string) => (x: Tensor) =>
    ops.layerNorm(x, read(`${name}.weight`), read(`${name}.bias`), config.layerNormEpsilon);
  const dropout = (x: Tensor) => ops.dropout(x, config.hiddenDropout, random);

  const bias = ops.attentionBias(inputs.mask);
  let states = dropout(norm(embeddingNames.norm)(embed(config, read, inputs)));

  for (let layer = 0; layer < config.layers; layer++) {
    const names = layerNames(layer);
    const context = { layer, parameters, random };
    const linear = (site: LinearSite, input: Tensor) => {
      const weight = read(`${names[site]}.weight`);
      const offset = read(`${names[site]}.bias`);
      const base = () => ops.linear(input, weight, offset);
      return sites?.linear
        ? sites.linear(site, input, base, { ...context, weight, bias: offset })
        : base();
    };
    const block = (site: BlockSite, hidden: Tensor, residual: Tensor) => {
      const end = norm(names[site === "output" ? "output.norm" : "attention.norm"]);
      return sites?.block
        ? sites.block(site, hidden, residual, end, context)
        : end(tf.add(hidden, residual));
    };

    // Keys and values are needed of every token; from the query on, only of the tokens whose state is read.
    const own =
      wanted === "first" && layer === config.layers - 1 ? firstTokens(states, batch) : states;
    const mixed = ops.attention(
      linear("query", own),
      linear("key", states),
      linear("value", states),
      bias,
      {
        heads: config.heads,
        rate: config.attentionDropout,
        random,
      },
    );
    const attended = block("attention.output", dropout(linear("attention.output", mixed)), own);
    const inner = ops.gelu(linear("intermediate", attended));
    states = block("output", dropout(linear("output", inner)), attended);
  }
  return states;
}

/** `[batch * tokens, hidden]`: the sum of word, position and segment embeddings. */
function embed(
  config: EncoderConfig,
  read: (name: string) => Tensor,
  { ids, types }: EncoderInputs,
): Tensor {
  const tokens = ids.shape[1]!;
  const words = ops.embedding(read(embeddingNames.words), ids);
  const positions = tf.slice(read(embeddingNames.positions), [0, 0], [tokens, config.hiddenSize]);
  const segments = ops.embedding(read(embeddingNames.types), types);
  return tf.reshape(tf.add(tf.add(words, segments), positions), [-1, config.hiddenSize]);
}

/** `[batch * tokens, hidden]` -> `[batch, hidden]`. */
function firstTokens(states: Tensor, batch: number): Tensor {
  const hidden = states.shape[1]!;
  const first = tf.slice(tf.reshape(states, [batch, -1, hidden]), [0, 0, 0], [batch, 1, hidden]);
  return tf.reshape(first, [batch, hidden]);
}

/** Reads a parameter as the method wants it seen. */
export function parameterReader(
  parameters: Tensors,
  sites: Sites | undefined,
): (name: string) => Tensor {
  return (name) => {
    const value = parameters[name];
    if (!value) throw new Error(`The parameter ${name} is missing from the model.`);
    return sites?.parameter ? sites.parameter(name, value, parameters) : value;
  };
}
