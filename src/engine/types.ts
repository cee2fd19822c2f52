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

/** The dimension of a batch that has its own size in every feed: its rows, or the tokens of all its rows. */
export type FreeSize = "rows" | "tokens";

export interface TensorSpec {
  readonly shape: readonly (number | FreeSize)[];
  readonly dtype: "float32" | "int32";
}

/** Values for one step, by input name; they also say how many rows and tokens the batch has. */
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

/**
 * What is multiplied, in the gradients too; sums, parameters, activations and everything else stay float32.
 * `bfloat16` rounds both factors of linear maps to 8 bits of mantissa: faster on processors that have such products
 * (AVX512_BF16 on AMD, AMX on Intel) and on NVIDIA GPUs since Ampere, slower on others. `tf32` rounds the factors of
 * every product to 11 bits, on NVIDIA GPUs since Ampere only.
 */
export type Precision = "float32" | "tf32" | "bfloat16";

/**
 * Everything a training and evaluation step is made of; the same definition runs eagerly and compiled, on batches of
 * any size. So `loss` and `predict` may take nothing from the free sizes of their tensors' shapes that they hand on
 * as a number: `compile` refuses what it notices. `tf.reshape` and `tf.slice` may name one of them, or leave it -1.
 */
export interface StepDefinition {
  /**
   * Initial values of every parameter that `loss` and `predict` read, frozen ones included. A compiled step may use
   * the memory of frozen ones as it is: they must not change while it lives.
   */
  readonly parameters: ParameterMap;
  /** The trained ones; a name in no group is frozen. With no group at all the step only evaluates. */
  readonly groups: readonly ParameterGroup[];
  readonly optimizer: Optimizer;
  /** Default `float32`. */
  readonly precision?: Precision;
  /** Inputs of `loss` (with labels), of `predict` (without). */
  inputs(use: "train" | "evaluate"): Readonly<Record<string, TensorSpec>>;
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

export interface TrainOptions {
  readonly learningRate: number;
  /** Of the run's dropout. */
  readonly seed: number;
}

/** What one update is made from. */
export interface Update extends TrainOptions {
  readonly feed: Feed;
}

/**
 * A step ready to run; `compile` and `eager` both give one. Feeds may have other numbers of rows and tokens each time;
 * one whose inputs disagree on them, or that lacks an input, is refused by name.
 */
export interface Step {
  /** One optimiser update; returns the loss before it. */
  train(feed: Feed, options: TrainOptions): number;
  /** As many of them, in turn; returns their losses, which come back from a GPU all at once. */
  trainMany(updates: readonly Update[]): number[];
  evaluate(feed: Feed): Record<string, HostTensor>;
  /** Gradients of the loss before clipping, of the trained parameters, without an update. */
  gradients(feed: Feed, options: { seed: number }): Map<string, HostTensor>;
  state(): StepState;
  restore(state: StepState): void;
  /** Frees every tensor and the graph; a later call throws. */
  dispose(): void;
}
