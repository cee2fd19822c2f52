import { z } from "zod";
import type { EncoderConfig } from "./types";

const size = z.int().positive();
const probability = z.number().min(0).lt(1);

/** The fields of a `config.json` that the encoder computes with; defaults are those of BERT in transformers. */
const fields = z.looseObject({
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  intermediate_size: size,
  max_position_embeddings: size.default(512),
  type_vocab_size: size.default(2),
  layer_norm_eps: z.number().positive().default(1e-12),
  hidden_dropout_prob: probability.default(0.1),
  attention_probs_dropout_prob: probability.default(0.1),
  pad_token_id: z.int().nonnegative().default(0),
});

/** What the encoder computes; any other value of these fields would silently give another model. */
const supported = {
  model_type: "bert",
  hidden_act: "gelu",
  position_embedding_type: "absolute",
  is_decoder: false,
  add_cross_attention: false,
} as const;

/**
 * The encoder that a parsed `config.json` describes.
 *
 * @param file named in errors.
 * @throws on another model type, activation or kind of position, and on fields that are missing or ill-formed.
 */
export function parseConfig(json: unknown, file: string): EncoderConfig {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new Error(`${file}: expected a JSON object with the fields of a BERT config.json`);
  const given = json as Record<string, unknown>;
  for (const [field, value] of Object.entries(supported)) {
    const found = given[field] ?? (field === "model_type" ? undefined : value);
    if (found !== value)
      throw new Error(
        `${file}: ${field} is ${JSON.stringify(found)}, but only ${JSON.stringify(value)} is supported; choose a BERT checkpoint such as all-MiniLM-L6-v2 or bert-base-uncased`,
      );
  }
  const parsed = fields.safeParse(given);
  if (!parsed.success)
    throw new Error(
      `${file}: ${parsed.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`).join("; ")}`,
    );
  const c = parsed.data;
  if (c.hidden_size % c.num_attention_heads !== 0)
    throw new Error(
      `${file}: hidden_size ${c.hidden_size} is not a multiple of num_attention_heads ${c.num_attention_heads}`,
    );
  return {
    modelType: "bert",
    vocabSize: c.vocab_size,
    hiddenSize: c.hidden_size,
    layers: c.num_hidden_layers,
    heads: c.num_attention_heads,
    intermediateSize: c.intermediate_size,
    maxPositions: c.max_position_embeddings,
    typeVocabSize: c.type_vocab_size,
    layerNormEpsilon: c.layer_norm_eps,
    hiddenDropout: c.hidden_dropout_prob,
    attentionDropout: c.attention_probs_dropout_prob,
    padTokenId: c.pad_token_id,
  };
}

/** The fields of `config.json` for a configuration; `parseConfig` reads them back. */
export function formatConfig(config: EncoderConfig): Record<string, number | string> {
  return {
    model_type: config.modelType,
    vocab_size: config.vocabSize,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    intermediate_size: config.intermediateSize,
    hidden_act: supported.hidden_act,
    max_position_embeddings: config.maxPositions,
    position_embedding_type: supported.position_embedding_type,
    type_vocab_size: config.typeVocabSize,
    layer_norm_eps: config.layerNormEpsilon,
    hidden_dropout_prob: config.hiddenDropout,
    attention_probs_dropout_prob: config.attentionDropout,
    pad_token_id: config.padTokenId,
  };
}
