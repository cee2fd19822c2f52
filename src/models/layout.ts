import type { EncoderConfig } from "./types";

/** Parameter names of one layer, by role; each linear map has `.weight` `[out, in]` and `.bias` `[out]`. */
export const layerNames = (layer: number) => {
  const name = `bert.encoder.layer.${layer}`;
  return {
    query: `${name}.attention.self.query`,
    key: `${name}.attention.self.key`,
    value: `${name}.attention.self.value`,
    "attention.output": `${name}.attention.output.dense`,
    "attention.norm": `${name}.attention.output.LayerNorm`,
    intermediate: `${name}.intermediate.dense`,
    output: `${name}.output.dense`,
    "output.norm": `${name}.output.LayerNorm`,
  } as const;
};

export const embeddingNames = {
  words: "bert.embeddings.word_embeddings.weight",
  positions: "bert.embeddings.position_embeddings.weight",
  types: "bert.embeddings.token_type_embeddings.weight",
  norm: "bert.embeddings.LayerNorm",
} as const;

export const poolerName = "bert.pooler.dense";
export const classifierName = "classifier";

/** Whether a parameter is the head's: the pooler or the classifier. */
export const isHead = (name: string): boolean =>
  name.startsWith(`${poolerName}.`) || name.startsWith(`${classifierName}.`);

/** Every parameter of the encoder with its shape, pooler not included, in the order of the forward pass. */
export function encoderShapes(config: EncoderConfig): Map<string, readonly number[]> {
  const d = config.hiddenSize;
  const inner = config.intermediateSize;
  const shapes = new Map<string, readonly number[]>();
  const linear = (name: string, outputs: number, inputs: number) =>
    shapes.set(`${name}.weight`, [outputs, inputs]).set(`${name}.bias`, [outputs]);
  const norm = (name: string) => shapes.set(`${name}.weight`, [d]).set(`${name}.bias`, [d]);
  shapes
    .set(embeddingNames.words, [config.vocabSize, d])
    .set(embeddingNames.positions, [config.maxPositions, d])
    .set(embeddingNames.types, [config.typeVocabSize, d]);
  norm(embeddingNames.norm);
  for (let layer = 0; layer < config.layers; layer++) {
    const names = layerNames(layer);
    linear(names.query, d, d);
    linear(names.key, d, d);
    linear(names.value, d, d);
    linear(names["attention.output"], d, d);
    norm(names["attention.norm"]);
    linear(names.intermediate, inner, d);
    linear(names.output, d, inner);
    norm(names["output.norm"]);
  }
  return shapes;
}

/** BERT's pooler: a linear map of the first token's state, then tanh. */
export const poolerShapes = ({ hiddenSize: d }: EncoderConfig): Map<string, readonly number[]> =>
  new Map([
    [`${poolerName}.weight`, [d, d]],
    [`${poolerName}.bias`, [d]],
  ]);
