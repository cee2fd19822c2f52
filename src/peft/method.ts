import type { ParameterMap } from "../engine";
import type { EncoderConfig, Sites } from "../models";

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A parameter that a method brings along. */
export interface NewParameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** Draws the start values; `normal()` is a seeded standard normal. */
  initial(random: { uniform(): number; normal(): number }): Float32Array;
  /** Weight decay applies to it (biases, norms and masks: no). */
  readonly decays: boolean;
}

/** A method is a description, not a model: what trains, what is new, what happens at the encoder's sites. */
export interface Method {
  /** Its name in tables and run records, such as `bitfit`. */
  readonly name: string;
  /** Every setting with its value: part of a run's hash. */
  readonly settings: { readonly [key: string]: Json };
  /** Default peak learning rate with AdamW. */
  readonly learningRate: number;
  /** Whether an existing encoder parameter trains. The head is asked for apart, see `HeadKind`. */
  trains(name: string): boolean;
  /** The method's own parameters. `base` is the encoder as loaded. */
  adds(config: EncoderConfig, base: ParameterMap): readonly NewParameter[];
  readonly sites?: Sites;
  /** Folds the method's own parameters into the encoder's; absent where that is not possible. */
  merge?(parameters: ParameterMap, config: EncoderConfig): ParameterMap;
}
