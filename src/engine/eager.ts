import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  checkState,
  checkTrains,
  clipGradients,
  groupRates,
  lossAndGradients,
  predictions,
  slotNames,
  trainedParameters,
} from "./definition";
import { checkFeed } from "./feed";
import { scoped } from "./memory";
import { checkDevice, tf } from "./tensorflow";
import type { Feed, HostTensor, ParameterMap, Step, StepDefinition } from "./types";

/**
 * Runs the step op by op: slower than `compile`, and the same numbers. For debugging, and as what `compile` is
 * tested against; its optimiser is written out in PyTorch's form.
 */
export function eager(definition: StepDefinition): Step {
  checkDevice(definition.precision);
  const trained = trainedParameters(definition);
  const slots = slotNames(definition, trained);
  const tensors: Record<string, Tensor> = {};
  let count = 0;
  let disposed = false;
  assign(definition.parameters);
  for (const slot of slots) tensors[slot] = tf.zerosLike(tensors[slot.slice(2)]!);

  function assign(values: ParameterMap): void {
    for (const [name, { shape, data }] of values) {
      const held = tensors[name];
      if (held && `${held.shape}` !== `${shape}`)
        throw new Error(`${name} has the shape [${held.shape}] in the step; got [${shape}].`);
      replace(name, tf.tensor(data.slice(), [...shape], "float32"));
    }
  }

  function replace(name: string, tensor: Tensor): void {
    tensors[name]?.dispose();
    tensors[name] = tf.keep(tensor);
  }

  function read(names: readonly string[]): Map<string, HostTensor> {
    return new Map(names.map((name) => [name, toHost(tensors[name]!)]));
  }

  function upload(use: "train" | "evaluate", feed: Feed): Record<string, Tensor> {
    if (disposed) throw new Error("This step was disposed; make a new one.");
    const fed = checkFeed(definition.inputs(use), feed);
    return Object.fromEntries(
      Object.entries(fed).map(([name, { shape, data }]) => [
        name,
        tf.tensor(data.slice(), [...shape]),
      ]),
    );
  }

  function differentiate(feed: Feed, seed: number) {
    checkTrains(trained);
    const inputs = upload("train", feed);
    const seeds = tf.tensor1d([seed, count], "int32");
    return lossAndGradients(definition, { parameters: tensors, trained, inputs, seed: seeds });
  }

  /** The optimiser's update of one parameter with gradient `g` in the step number `count`. */
  function update(name: string, g: Tensor, rate: number, decay: number): void {
    const { optimizer } = definition;
    const kept = tf.mul(tensors[name]!, 1 - rate * decay);
    if (optimizer.kind === "sgd") {
      replace(name, tf.sub(kept, tf.mul(g, rate)));
      return;
    }
    const { beta1, beta2, epsilon } = optimizer;
    const m = tf.add(tf.mul(tensors[`m/${name}`]!, beta1), tf.mul(g, 1 - beta1));
    const v = tf.add(tf.mul(tensors[`v/${name}`]!, beta2), tf.mul(tf.square(g), 1 - beta2));
    const root = tf.add(tf.div(tf.sqrt(v), Math.sqrt(1 - beta2 ** count)), epsilon);
    replace(name, tf.sub(kept, tf.mul(tf.div(m, root), rate / (1 - beta1 ** count))));
    replace(`m/${name}`, m);
    replace(`v/${name}`, v);
  }

  const train: Step["train"] = (feed, { learningRate, seed }) =>
    scoped(() => {
      const { loss, gradients } = differentiate(feed, seed);
      // Clones, since a gradient may be a parameter, which the update replaces.
      const clipped = clipGradients(gradients, definition.optimizer.clip).map((g) => tf.clone(g));
      count++;
      const rates = groupRates(definition.groups, learningRate);
      trained.forEach(({ name, group, decay }, i) => {
        update(name, clipped[i]!, rates[group]!, decay);
      });
      return loss.dataSync()[0]!;
    });

  return {
    train,
    trainMany: (updates) => updates.map(({ feed, ...options }) => train(feed, options)),
    evaluate: (feed) =>
      scoped(() => {
        const outputs = predictions(definition, tensors, upload("evaluate", feed));
        return Object.fromEntries(
          Object.entries(outputs).map(([name, tensor]) => [
            name,
            toHost(tf.cast(tensor, "float32")),
          ]),
        );
      }),
    gradients: (feed, { seed }) =>
      scoped(() => {
        const { gradients } = differentiate(feed, seed);
        return new Map(trained.map(({ name }, i) => [name, toHost(gradients[i]!)]));
      }),
    state: () => ({ count, parameters: read(trained.map(({ name }) => name)), slots: read(slots) }),
    restore(state) {
      checkState(state, trained, slots);
      assign(state.parameters);
      assign(state.slots);
      count = state.count;
    },
    dispose() {
      disposed = true;
      tf.dispose(tensors);
    },
  };
}

function toHost(tensor: Tensor): HostTensor {
  return { shape: [...tensor.shape], data: Float32Array.from(tensor.dataSync()) };
}
