import { type HostTensor, ops, type ParameterMap, sizeOf, tf } from "../engine";
import { type EncoderConfig, type LinearSite, layerNames } from "../models";
import type { Method } from "./method";

/** The linear maps that LoRA can adapt, in the order of the forward pass. */
export const loraTargets = [
  "query",
  "key",
  "value",
  "attention.output",
  "intermediate",
  "output",
] as const satisfies readonly LinearSite[];

/**
 * LoRA (Hu et al. 2022, arXiv 2106.09685, equation 3): a frozen weight gets a trained update of low rank,
 *
 *     y = W x + b + (α / r) B A x,
 *
 * A `[r, in]` from the uniform distribution of Kaiming with a = √5, so within ±1/√in, B `[out, r]` from 0: the start is
 * the base model exactly.
 *
 * Trained numbers within the encoder: r (in + out) a target, 4 r L d for query and value.
 *
 * @param settings.rank r; default 8.
 * @param settings.alpha α; default 8.
 * @param settings.targets adapted linear maps; default query and value, as in the paper.
 */
export function lora({
  rank = 8,
  alpha = 8,
  targets = ["query", "value"],
}: {
  rank?: number;
  alpha?: number;
  targets?: readonly LinearSite[];
} = {}): Method {
  const scale = alpha / rank;
  const adapted = (config: EncoderConfig) =>
    Array.from({ length: config.layers }, (_, layer) =>
      targets.map((site) => layerNames(layer)[site]),
    ).flat();
  return {
    name: "lora",
    settings: { rank, alpha, targets: loraTargets.filter((site) => targets.includes(site)) },
    learningRate: 1e-3,
    trains: () => false,
    adds: (config, base) =>
      adapted(config).flatMap((name) => {
        const [outputs, inputs] = base.get(`${name}.weight`)!.shape as [number, number];
        const bound = 1 / Math.sqrt(inputs);
        const a = [rank, inputs];
        const b = [outputs, rank];
        return [
          {
            name: `${name}.lora_A.weight`,
            shape: a,
            initial: (random) =>
              Float32Array.from({ length: sizeOf(a) }, () => bound * (2 * random.uniform() - 1)),
            decays: true,
          },
          {
            name: `${name}.lora_B.weight`,
            shape: b,
            initial: () => new Float32Array(sizeOf(b)),
            decays: true,
          },
        ];
      }),
    sites: {
      linear(site, input, base, { layer, parameters }) {
        const name = layerNames(layer)[site];
        const a = parameters[`${name}.lora_A.weight`];
        const b = parameters[`${name}.lora_B.weight`];
        if (!a || !b) return base();
        return tf.add(base(), ops.linear(tf.mul(ops.linear(input, a), scale), b));
      },
    },
    merge(parameters, config) {
      const merged = new Map(parameters);
      for (const name of adapted(config)) {
        merged.set(`${name}.weight`, folded(parameters, name, scale));
        merged.delete(`${name}.lora_A.weight`);
        merged.delete(`${name}.lora_B.weight`);
      }
      return merged;
    },
  };
}

/** W + scale B A. */
function folded(parameters: ParameterMap, name: string, scale: number): HostTensor {
  const weight = parameters.get(`${name}.weight`)!;
  const [outputs, inputs] = weight.shape as [number, number];
  const a = parameters.get(`${name}.lora_A.weight`)!;
  const b = parameters.get(`${name}.lora_B.weight`)!;
  const rank = a.shape[0]!;
  const data = weight.data.slice();
  for (let o = 0; o < outputs; o++)
    for (let r = 0; r < rank; r++) {
      const factor = scale * b.data[o * rank + r]!;
      for (let i = 0; i < inputs; i++) data[o * inputs + i]! += factor * a.data[r * inputs + i]!;
    }
  return { shape: weight.shape, data };
}
