import type { Tensor } from "@tensorflow/tfjs-node-gpu";

/** A float32 tensor held by JavaScript, row-major: what parameters are between runs. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Parameters of a model: the Hugging Face name -> values. Loading, freezing, counting and merging are operations on names. */
export type ParameterMap = ReadonlyMap<string, HostTensor>;

/** Tensors on the device by name, as a step function sees its parameters and its inputs. */
export type Tensors = Readonly<Record<string, Tensor>>;

export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32";
}

/** The shape of a batch: one branch of the compiled graph each. */
export interface BatchShape {
  /** Rows. */
  readonly batch: number;
  /** Tokens a row, padding included. */
  readonly tokens: number;
}

/** Values for one step, by input name. */
export type Feed = Readonly<Record<string, Float32Array | Int32Array>>;

/** The source of dropout masks: the same seed and step give the same masks, eagerly and compiled. */
export interface Randomness {
  /** int32 `[2]`: the run's seed and the step, fed anew each step. */
  readonly seed: Tensor;
  /** Numbers the calls within a step, so that every dropout has a mask of its own. */
  next(): number;
}

/** Parameters that share a learning rate factor and a weight decay. */
export interface ParameterGroup {
  readonly names: readonly string[];
  /** Factor on the step's learning rate. */
  readonly rate: number;
  /** Decoupled weight decay (Loshchilov and Hutter 2019), per unit of learning rate. */
  readonly decay: number;
}

export type Optimizer =
  | {
      readonly kind: "adamw";
      readonly beta1: number;
      readonly beta2: number;
      /** PyTorch's form: added to the bias-corrected root. */
      readonly epsilon: number;
      /** Largest global gradient norm, `null` for no clipping. */
      readonly clip: number | null;
    }
  | { readonly kind: "sgd"; readonly clip: number | null };

/** Everything a training and evaluation step is made of; the same definition runs eagerly and compiled. */
export interface StepDefinition {
  /** Initial values of every parameter that `loss` and `predict` read, frozen ones included. */
  readonly parameters: ParameterMap;
  /** The trained ones; a name in no group is frozen. */
  readonly groups: readonly ParameterGroup[];
  readonly optimizer: Optimizer;
  /** Batch shapes that are trained on, evaluated on. */
  readonly shapes: {
    readonly train: readonly BatchShape[];
    readonly evaluate: readonly BatchShape[];
  };
  /** Inputs of a batch shape: of `loss` (with labels), of `predict` (without). */
  inputs(shape: BatchShape, use: "train" | "evaluate"): Readonly<Record<string, TensorSpec>>;
  /** Scalar loss of one batch, dropout on. */
  loss(parameters: Tensors, inputs: Tensors, random: Randomness): Tensor;
  /** Outputs of one batch, dropout off. */
  predict(parameters: Tensors, inputs: Tensors): Tensors;
}

/** Values of a step that a checkpoint needs: trained parameters, optimiser slots, and how many steps were taken. */
export interface StepState {
  readonly count: number;
  /** Trained parameters under their name. */
  readonly parameters: ParameterMap;
  /** Optimiser slots under `<slot>/<name>`, such as `m/classifier.weight`. */
  readonly slots: ParameterMap;
}

/** A step ready to run; `compile` and `eager` both give one. */
export interface Step {
  /** One optimiser update; returns the loss before it. `seed` is the run's dropout seed. */
  train(shape: BatchShape, feed: Feed, options: { learningRate: number; seed: number }): number;
  evaluate(shape: BatchShape, feed: Feed): Record<string, HostTensor>;
  /** Gradients of the loss before clipping, of the trained parameters, without an update. */
  gradients(shape: BatchShape, feed: Feed, options: { seed: number }): Map<string, HostTensor>;
  state(): StepState;
  restore(state: StepState): void;
  /** Frees every tensor and the graph; a later call throws. */
  dispose(): void;
}
