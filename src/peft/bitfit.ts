import { embeddingNames, layerNames, poolerName } from "../models";
import type { Method } from "./method";

const layer = layerNames(0);

/** Kinds of bias by the paper's notation (section 3), and how a parameter of the kind is called in layer 0. */
const kinds = {
  /** b_q */
  query: layer.query,
  /** b_k, inert: it adds the same to every score of a query, which softmax cancels. */
  key: layer.key,
  /** b_v */
  value: layer.value,
  /** b_m1 */
  "attention.output": layer["attention.output"],
  /** b_LN1 */
  "attention.norm": layer["attention.norm"],
  /** b_m2 */
  intermediate: layer.intermediate,
  /** b_m3 */
  output: layer.output,
  /** b_LN2 */
  "output.norm": layer["output.norm"],
  "embeddings.norm": embeddingNames.norm,
  /** Of use with the head `frozen-pooler`: otherwise the pooler trains anyway. */
  pooler: poolerName,
} as const;

export type BiasKind = keyof typeof kinds;

/** Every kind, in the order of the forward pass. */
export const biasKinds = Object.keys(kinds) as [BiasKind, ...BiasKind[]];

/**
 * BitFit (Ben Zaken, Goldberg and Ravfogel 2022, arXiv 2106.10199): the bias terms train, all weights are frozen.
 *
 * Trained numbers within the encoder, all kinds: 11 L d + d, with L layers of width d.
 *
 * @param settings.biases which kinds train; default all. The paper's smaller subset is `["query", "intermediate"]`.
 */
export function bitfit({ biases = biasKinds }: { biases?: readonly BiasKind[] } = {}): Method {
  const inLayerZero = new Set(biases.map((kind) => `${kinds[kind]}.bias`));
  return {
    name: "bitfit",
    settings: { biases: biasKinds.filter((kind) => biases.includes(kind)) },
    learningRate: 2e-3,
    trains: (name) => inLayerZero.has(name.replace(/\.layer\.\d+\./, ".layer.0.")),
    adds: () => [],
  };
}
