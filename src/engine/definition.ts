import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { execute } from "./execute";
import { withPrecision } from "./precision";
import { randomness } from "./randomness";
import { tf } from "./tensorflow";
import type { ParameterGroup, StepDefinition, StepState, Tensors } from "./types";

/** A trained parameter with the settings of its group. */
export interface Trained {
  readonly name: string;
  /** Index of its group: groups share a learning rate. */
  readonly group: number;
  readonly decay: number;
}

/** The trained parameters in the order of the groups. */
export function trainedParameters({ parameters, groups }: StepDefinition): readonly Trained[] {
  const seen = new Set<string>();
  return groups.flatMap(({ names, decay }, group) =>
    names.map((name) => {
      if (!parameters.has(name))
        throw new Error(`The parameter group ${group} names ${name}, which is not a parameter.`);
      if (seen.has(name)) throw new Error(`The parameter ${name} stands in two groups.`);
      seen.add(name);
      return { name, group, decay };
    }),
  );
}

/** The learning rates of the groups in one step. */
export function groupRates(groups: readonly ParameterGroup[], learningRate: number): number[] {
  return groups.map(({ rate }) => rate * learningRate);
}

/** Loss of one batch and the gradients of the trained parameters, in their order. */
export function lossAndGradients(
  definition: StepDefinition,
  tensors: { parameters: Tensors; trained: readonly Trained[]; inputs: Tensors; seed: Tensor },
): { loss: Tensor; gradients: Tensor[] } {
  const { parameters, trained, inputs, seed } = tensors;
  const { value, grads } = withPrecision(definition.precision, () =>
    differentiate(
      () => {
        const loss = definition.loss(parameters, inputs, randomness(seed));
        if (loss.size !== 1)
          throw new Error(`The loss must be a scalar; it has the shape [${loss.shape}].`);
        return tf.reshape(loss, []);
      },
      trained.map(({ name }) => parameters[name]!),
    ),
  );
  const missing = trained.filter((_, i) => !grads[i]).map(({ name }) => name);
  if (missing.length > 0)
    throw new Error(
      `The loss does not depend on ${missing.join(", ")}: take it out of the parameter groups.`,
    );
  return { loss: value, gradients: grads };
}

/** Gradients of `f` by `xs`; where `f` throws, what the tape had kept is freed. */
function differentiate(f: () => Tensor, xs: Tensor[]): { value: Tensor; grads: Tensor[] } {
  const engine = tf.engine();
  try {
    return engine.gradients(f, xs, undefined, true);
  } catch (error) {
    for (const { saved } of engine.state.activeTape ?? []) tf.dispose(saved);
    throw error;
  }
}

/** Outputs of one batch. */
export function predictions(
  { precision, predict }: StepDefinition,
  parameters: Tensors,
  inputs: Tensors,
): Tensors {
  return withPrecision(precision, () => predict(parameters, inputs));
}

/** `gradients` scaled so that their global norm is at most `clip`, as `torch.nn.utils.clip_grad_norm_` does. */
export function clipGradients(
  gradients: readonly Tensor[],
  clip: number | null,
): readonly Tensor[] {
  if (clip === null || gradients.length === 0) return gradients;
  // L2Loss is half the sum of squares, in one pass.
  const halves = gradients.map((gradient) => execute("L2Loss", { T: "float32" }, [gradient]));
  const norm = tf.sqrt(tf.mul(tf.addN(halves), 2));
  const factor = tf.minimum(tf.div(clip, tf.add(norm, 1e-6)), 1);
  return gradients.map((gradient) => tf.mul(gradient, factor));
}

/** Names of the optimiser's slots, such as `m/classifier.weight`. */
export function slotNames({ optimizer }: StepDefinition, trained: readonly Trained[]): string[] {
  const slots = optimizer.kind === "adamw" ? ["m", "v"] : [];
  return trained.flatMap(({ name }) => slots.map((slot) => `${slot}/${name}`));
}

/** Throws unless a state holds exactly what a step has. */
export function checkState(
  state: StepState,
  trained: readonly Trained[],
  slots: readonly string[],
): void {
  const compare = (what: string, given: Iterable<string>, expected: readonly string[]) => {
    const names = new Set(given);
    const missing = expected.filter((name) => !names.delete(name));
    if (missing.length > 0) throw new Error(`The state lacks the ${what} ${missing.join(", ")}.`);
    if (names.size > 0)
      throw new Error(`The state has the ${what} ${[...names].join(", ")}; the step does not.`);
  };
  compare(
    "parameter",
    state.parameters.keys(),
    trained.map(({ name }) => name),
  );
  compare("slot", state.slots.keys(), slots);
}

/** Throws where a step that trains nothing is asked to. */
export function checkTrains(trained: readonly Trained[]): void {
  if (trained.length === 0)
    throw new Error("This step only evaluates: its definition has no group of trained parameters.");
}
