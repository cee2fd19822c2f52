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
 * ending in residual and layer norm. Every linear map is a product of two matrices, over the tokens of all rows.
 *
 * @param parameters by Hugging Face's names, the method's own included.
 * @param inputs their positions are below `config.maxPositions`; TensorFlow refuses others, on a GPU it may not.
 * @returns last states: `[tokens, hidden]`, or `[rows, hidden]` of each row's first token.
 */
export function encode(
  config: EncoderConfig,
  parameters: Tensors,
  inputs: EncoderInputs,
  { sites, random, wanted }: ForwardOptions & { readonly wanted: Wanted },
): Tensor {
  const read = parameterReader(parameters, sites);
  const norm = (name: string, x: Tensor, residual: Tensor, rate = 0) =>
    ops.layerNorm(x, read(`${name}.weight`), read(`${name}.bias`), {
      epsilon: config.layerNormEpsilon,
      residual,
      rate,
      random,
    });
  const rate = config.hiddenDropout;
  let states = ops.dropout(embed(read, norm, inputs), rate, random);

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
    const block = (site: BlockSite, input: Tensor, residual: Tensor) => {
      const end = names[site === "output" ? "output.norm" : "attention.norm"];
      const hidden = linear(site, input);
      if (!sites?.block) return norm(end, hidden, residual, rate);
      const dropped = ops.dropout(hidden, rate, random);
      return sites.block(site, dropped, residual, (x, r) => norm(end, x, r), context);
    };

    // Keys and values are needed of every token; from the query on, only of the tokens whose state is read.
    const own =
      wanted === "first" && layer === config.layers - 1 ? ops.firstTokens(states, inputs) : states;
    const mixed = ops.attention(
      linear("query", own),
      linear("key", states),
      linear("value", states),
      inputs,
      { heads: config.heads, rate: config.attentionDropout, random },
    );
    const attended = block("attention.output", mixed, own);
    const inner = ops.gelu(linear("intermediate", attended));
    states = block("output", inner, attended);
  }
  return states;
}

/** `[tokens, hidden]`: the layer norm of the sum of word, position and segment embeddings. */
function embed(
  read: (name: string) => Tensor,
  norm: (name: string, x: Tensor, residual: Tensor) => Tensor,
  { ids, types, positions }: EncoderInputs,
): Tensor {
  const words = ops.embedding(read(embeddingNames.words), ids);
  const places = ops.embedding(read(embeddingNames.positions), positions);
  const segments = ops.embedding(read(embeddingNames.types), types);
  return norm(embeddingNames.norm, words, tf.add(places, segments));
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
