import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { type HostTensor, ops, type ParameterMap, sizeOf, type Tensors, tf } from "../engine";
import { encode, type ForwardOptions, parameterReader } from "./encoder";
import { classifierName, isHead, poolerName, poolerShapes } from "./layout";
import { normalValues, seededRandom } from "./random";
import type { EncoderConfig, EncoderInputs, HeadKind, Pretrained } from "./types";

/** The deviation from which BERT's new weights are drawn (`initializer_range`). */
const deviation = 0.02;

/**
 * The head's start values: the classifier from N(0, 0.02) with bias 0, the pooler from the checkpoint, or drawn
 * likewise where the checkpoint has none.
 *
 * @param outputs classes, or 1 for a score.
 * @throws when the pooler shall stay as loaded and the checkpoint has none.
 */
export function initialHead(
  pretrained: Pretrained,
  { kind, outputs, seed }: { kind: HeadKind; outputs: number; seed: number },
): ParameterMap {
  const { hiddenSize } = pretrained.config;
  const drawn = (name: string, shape: readonly number[]): HostTensor => ({
    shape,
    data: name.endsWith(".bias")
      ? new Float32Array(sizeOf(shape))
      : normalValues(seededRandom(seed, name), sizeOf(shape), deviation),
  });
  const head = new Map<string, HostTensor>();
  if (kind !== "mean")
    for (const [name, shape] of poolerShapes(pretrained.config)) {
      const loaded = pretrained.parameters.get(name);
      if (!loaded && kind === "frozen-pooler")
        throw new Error(
          `${pretrained.name} has no pooler to keep frozen; use the head "pooler" or "mean"`,
        );
      head.set(name, loaded ?? drawn(name, shape));
    }
  for (const [name, shape] of [
    [`${classifierName}.weight`, [outputs, hiddenSize]],
    [`${classifierName}.bias`, [outputs]],
  ] as const)
    head.set(name, drawn(name, shape));
  return head;
}

/** The names of a head that train whatever the method: a frozen pooler is left to the method. */
export const headTrains = (name: string, kind: HeadKind): boolean =>
  isHead(name) && (kind !== "frozen-pooler" || !name.startsWith(`${poolerName}.`));

/**
 * What a head reads of a batch: the first token's last state, or the mean of the last states over the tokens.
 *
 * @returns `[rows, hidden]`
 */
export function features(
  config: EncoderConfig,
  kind: HeadKind,
  parameters: Tensors,
  inputs: EncoderInputs,
  options: ForwardOptions,
): Tensor {
  if (kind !== "mean") return encode(config, parameters, inputs, { ...options, wanted: "first" });
  const states = encode(config, parameters, inputs, { ...options, wanted: "all" });
  return ops.meanTokens(states, inputs);
}

/**
 * Scores of features: dropout and a linear map, behind BERT's pooler where the head has one.
 *
 * @param states `[rows, hidden]`, from `features`.
 * @returns `[rows, outputs]`
 */
export function score(
  config: EncoderConfig,
  kind: HeadKind,
  parameters: Tensors,
  states: Tensor,
  { sites, random }: ForwardOptions,
): Tensor {
  const read = parameterReader(parameters, sites);
  const linear = (name: string, x: Tensor) =>
    ops.linear(x, read(`${name}.weight`), read(`${name}.bias`));
  const pooled = kind === "mean" ? states : tf.tanh(linear(poolerName, states));
  return linear(classifierName, ops.dropout(pooled, config.hiddenDropout, random));
}
