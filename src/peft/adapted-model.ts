import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  type HostTensor,
  type ParameterGroup,
  type ParameterMap,
  type Randomness,
  sizeOf,
  type Tensors,
} from "../engine";
import {
  type EncoderInputs,
  features,
  type HeadKind,
  headTrains,
  initialHead,
  isHead,
  type Pretrained,
  score,
  seededRandom,
} from "../models";
import type { Method } from "./method";

export interface AdaptOptions {
  readonly pretrained: Pretrained;
  readonly method: Method;
  readonly head: HeadKind;
  /** Classes, or 1 for a score. */
  readonly outputs: number;
  /** Of the start values of head and method. */
  readonly seed: number;
}

/** How many numbers train, and how many there are. */
export interface ParameterCounts {
  /** Trained ones within the encoder, the method's own included. */
  readonly encoder: number;
  /** Trained ones of pooler and classifier. */
  readonly head: number;
  readonly trainable: number;
  /** Every parameter of the model, frozen ones included. */
  readonly total: number;
}

/** An encoder with a head and a method: what trains, what is saved, and the forward pass. */
export interface AdaptedModel extends AdaptOptions {
  /** Start values of every parameter by name: encoder, the method's own, head. */
  readonly parameters: ParameterMap;
  readonly trained: readonly string[];
  /** The trained ones by whether weight decay applies: not to biases, layer norms and what the method excepts. */
  readonly groups: readonly ParameterGroup[];
  readonly counts: ParameterCounts;
  /** What the head reads, `[rows, hidden]`: no head parameter takes part. Without `random` no dropout. */
  features(parameters: Tensors, inputs: EncoderInputs, random?: Randomness): Tensor;
  /** `[rows, outputs]` from features. */
  score(parameters: Tensors, features: Tensor, random?: Randomness): Tensor;
  /** `[rows, outputs]`: class logits, or the score. */
  logits(parameters: Tensors, inputs: EncoderInputs, random?: Randomness): Tensor;
  /** What a checkpoint holds: of these values the trained ones and whatever the encoder as loaded has not. */
  delta(values: ParameterMap): ParameterMap;
  /** Every parameter, with those of a checkpoint in place; throws naming what is missing, foreign or ill-shaped. */
  restore(delta: ParameterMap): ParameterMap;
  /** Whether the method can be folded into the encoder. */
  readonly mergeable: boolean;
  /** Encoder and head of a plain model with the same output; throws where the method is not mergeable. */
  merge(delta: ParameterMap): ParameterMap;
  /** Encoder and head of a plain model without the method: the encoder as loaded, the head as in the checkpoint. */
  disable(delta: ParameterMap): ParameterMap;
}

/** Decoupled weight decay of everything that decays, as in BERT's own recipe (Devlin et al. 2019). */
const weightDecay = 0.01;

/**
 * Fits a method and a head to a pre-trained encoder.
 *
 * @throws when the method names a parameter that there already is, or nothing trains.
 */
export function adapt(options: AdaptOptions): AdaptedModel {
  const { pretrained, method, head, outputs, seed } = options;
  const { config } = pretrained;
  const encoder = [...pretrained.parameters].filter(([name]) => !isHead(name));
  const added = method.adds(config, pretrained.parameters);
  const parameters = new Map<string, HostTensor>([
    ...encoder,
    ...initialHead(pretrained, { kind: head, outputs, seed }),
  ]);
  for (const { name, shape, initial } of added) {
    if (parameters.has(name))
      throw new Error(
        `${method.name} adds ${name}, which the model already has; a method's own names must be new`,
      );
    const data = initial(seededRandom(seed, name));
    if (data.length !== sizeOf(shape))
      throw new Error(
        `${method.name} starts ${name} with ${data.length} values, its shape [${shape}] has ${sizeOf(shape)}`,
      );
    parameters.set(name, { shape, data });
  }
  const own = new Map(added.map((parameter) => [parameter.name, parameter]));
  const trained = [...parameters.keys()].filter(
    (name) => own.has(name) || headTrains(name, head) || method.trains(name),
  );
  const decays = (name: string) =>
    own.get(name)?.decays ?? !(name.endsWith(".bias") || name.includes("LayerNorm"));
  const saved = [...parameters.keys()].filter(
    (name) => trained.includes(name) || !pretrained.parameters.has(name),
  );

  const model: AdaptedModel = {
    ...options,
    parameters,
    trained,
    groups: [
      { names: trained.filter(decays), rate: 1, decay: weightDecay },
      { names: trained.filter((name) => !decays(name)), rate: 1, decay: 0 },
    ].filter((group) => group.names.length > 0),
    counts: count(parameters, trained),
    mergeable: method.merge !== undefined || (added.length === 0 && !method.sites),
    features: (values, inputs, random) =>
      features(config, head, values, inputs, { sites: method.sites, random }),
    score: (values, states, random) =>
      score(config, head, values, states, { sites: method.sites, random }),
    logits: (values, inputs, random) =>
      model.score(values, model.features(values, inputs, random), random),
    delta: (values) =>
      new Map(saved.map((name) => [name, values.get(name) ?? parameters.get(name)!])),
    restore(delta) {
      const misfits = [...new Set([...saved, ...delta.keys()])].filter(
        (name) =>
          !saved.includes(name) || `${delta.get(name)?.shape}` !== `${parameters.get(name)?.shape}`,
      );
      if (misfits.length)
        throw new Error(
          `These parameters do not belong to ${method.name} on ${pretrained.name} with ${outputs} outputs and the head ${head}, are missing or of another shape: ${misfits.join(", ")}`,
        );
      return new Map([...parameters].map(([name, value]) => [name, delta.get(name) ?? value]));
    },
    merge(delta) {
      const values = model.restore(delta);
      if (!model.mergeable)
        throw new Error(
          `${method.name} cannot be folded into the encoder: it computes something that BERT has no place for. Save its own parameters instead.`,
        );
      return method.merge?.(values, config) ?? values;
    },
    disable(delta) {
      const values = model.restore(delta);
      return new Map(
        [...values]
          .filter(([name]) => !own.has(name))
          .map(([name, value]) => [name, headTrains(name, head) ? value : parameters.get(name)!]),
      );
    },
  };
  return model;
}

function count(parameters: ParameterMap, trained: readonly string[]): ParameterCounts {
  const sum = (names: Iterable<string>) => {
    let n = 0;
    for (const name of names) n += parameters.get(name)!.data.length;
    return n;
  };
  const encoder = sum(trained.filter((name) => !isHead(name)));
  const head = sum(trained.filter(isHead));
  return { encoder, head, trainable: encoder + head, total: sum(parameters.keys()) };
}
