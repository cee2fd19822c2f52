import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { adamCorrections } from "./adam";
import {
  checkFeed,
  checkState,
  clipGradients,
  groupRates,
  lossAndGradients,
  shapeKey,
  slotNames,
  type Trained,
  trainedParameters,
} from "./definition";
import { types } from "./execute";
import { attribute, Graph } from "./graph";
import { scoped } from "./memory";
import { type RecordedOp, Recorder } from "./recorder";
import { type FeedTensor, Session } from "./session";
import { tf } from "./tensorflow";
import type { BatchShape, Feed, Step, StepDefinition, StepState, TensorSpec } from "./types";
import { type Variable, Variables } from "./variables";

const float = attribute.type(types.float32);
const unlocked = { T: float, use_locking: attribute.boolean(false) };

type Specs = Readonly<Record<string, TensorSpec>>;

/**
 * Records the step's functions once for each batch shape and replays them as one TensorFlow graph, with the
 * parameters and the optimiser in it. All shapes share the parameters.
 * @throws if the functions do something that cannot be recorded; the message names the op
 */
export function compile(definition: StepDefinition): Step {
  const compiler = new Compiler(definition);
  const session = new Session(compiler.graph);
  const { variables, slots, trained } = compiler;
  let count = 0;
  try {
    variables.write(session, definition.parameters);
    variables.clear(session, slots);
  } catch (error) {
    session.close();
    throw error;
  }

  const feedsOf = (use: "train" | "evaluate", shape: BatchShape, feed: Feed) => {
    const branch = `${use}/${shapeKey(shape)}`;
    const specs = compiler.branches.get(branch);
    if (!specs)
      throw new Error(
        `The step was not compiled for ${branch}; it has ${[...compiler.branches.keys()].join(", ")}.`,
      );
    const fed = Object.entries(checkFeed(specs.inputs, feed));
    return {
      branch,
      specs,
      feeds: Object.fromEntries(fed.map(([name, value]) => [`${branch}/input/${name}`, value])),
    };
  };

  return {
    train(shape, feed, { learningRate, seed }) {
      const { branch, feeds } = feedsOf("train", shape, feed);
      const scalars = optimizerScalars(definition, count + 1, learningRate);
      const all = { ...feeds, seed: seedTensor(seed, count), ...scalars };
      const [loss] = session.run(all, [`${branch}/step`]);
      count++;
      return loss!.data[0]!;
    },
    evaluate(shape, feed) {
      const { branch, specs, feeds } = feedsOf("evaluate", shape, feed);
      const values = session.run(
        feeds,
        specs.outputs.map((name) => `${branch}/output/${name}`),
      );
      return Object.fromEntries(specs.outputs.map((name, i) => [name, values[i]!]));
    },
    gradients(shape, feed, { seed }) {
      const { branch, feeds } = feedsOf("train", shape, feed);
      const all = { ...feeds, seed: seedTensor(seed, count) };
      const values = session.run(
        all,
        trained.map(({ name }) => `${branch}/gradient/${name}`),
      );
      return new Map(trained.map(({ name }, i) => [name, values[i]!]));
    },
    state: (): StepState => ({
      count,
      parameters: variables.read(
        session,
        trained.map(({ name }) => name),
      ),
      slots: variables.read(session, slots),
    }),
    restore(state) {
      checkState(state, trained, slots);
      variables.write(session, state.parameters);
      variables.write(session, state.slots);
      count = state.count;
    },
    dispose: () => session.close(),
  };
}

/** Builds the graph of a step. */
class Compiler {
  readonly graph = new Graph();
  readonly variables = new Variables(this.graph);
  readonly trained: readonly Trained[];
  /** Names of the optimiser's slots. */
  readonly slots: readonly string[];
  /** Inputs and outputs of every branch. */
  readonly branches = new Map<string, { inputs: Specs; outputs: readonly string[] }>();

  private readonly recorder = new Recorder();
  /** Symbolic tensor -> output of a node. */
  private readonly nodes = new Map<number, string>();
  private readonly parameters: Record<string, Tensor> = {};
  private readonly resources = new Map<string, Variable>();

  constructor(private readonly definition: StepDefinition) {
    this.trained = trainedParameters(definition);
    this.slots = slotNames(definition, this.trained);
    this.addVariables();
    this.addScalars();
    try {
      for (const shape of definition.shapes.train) this.addTraining(shape);
      for (const shape of definition.shapes.evaluate) this.addEvaluation(shape);
    } finally {
      tf.dispose(this.parameters);
    }
  }

  private addVariables(): void {
    for (const [name, { shape }] of this.definition.parameters) {
      const variable = this.variables.add(name, shape);
      const tensor = this.recorder.input(shape, "float32");
      this.nodes.set(this.recorder.id(tensor), variable.read);
      this.parameters[name] = tensor;
      this.resources.set(name, variable);
    }
    for (const slot of this.slots) {
      const { shape } = this.definition.parameters.get(slot.slice(2))!;
      this.resources.set(slot, this.variables.addZeros(slot, shape));
    }
  }

  /** What is fed with every training step besides the batch. */
  private addScalars(): void {
    this.graph.placeholder("seed", "int32", [2]);
    if (this.definition.optimizer.kind === "adamw")
      this.graph.placeholder("epsilon", "float32", []);
    this.definition.groups.forEach((_, group) => {
      this.graph.placeholder(`rate/${group}`, "float32", []);
      this.graph.placeholder(`keep/${group}`, "float32", []);
    });
  }

  private addTraining(shape: BatchShape): void {
    const branch = `train/${shapeKey(shape)}`;
    const inputs = this.definition.inputs(shape, "train");
    const seed = this.recorder.input([2], "int32");
    this.nodes.set(this.recorder.id(seed), "seed");
    this.withInputs(branch, inputs, (tensors) => {
      const { result, ops } = this.recorder.record(() =>
        scoped(() => {
          const { loss, gradients } = lossAndGradients(
            this.definition,
            this.parameters,
            this.trained,
            tensors,
            seed,
          );
          const clipped = clipGradients(gradients, this.definition.optimizer.clip);
          const id = (tensor: Tensor) => this.recorder.id(tensor);
          return { loss: id(loss), gradients: gradients.map(id), clipped: clipped.map(id) };
        }),
      );
      this.addOps(branch, ops, [result.loss, ...result.gradients, ...result.clipped]);
      const updates = this.trained.map((parameter, i) => {
        this.addOutput(`${branch}/gradient/${parameter.name}`, result.gradients[i]!);
        return this.addUpdate(branch, parameter, this.node(result.clipped[i]!));
      });
      const loss = this.node(result.loss);
      this.graph.node(`${branch}/step`, "Identity", [loss, ...updates.map((u) => `^${u}`)], {
        T: float,
      });
    });
    seed.dispose();
    this.branches.set(branch, { inputs, outputs: [] });
  }

  private addEvaluation(shape: BatchShape): void {
    const branch = `evaluate/${shapeKey(shape)}`;
    const inputs = this.definition.inputs(shape, "evaluate");
    this.withInputs(branch, inputs, (tensors) => {
      const { result, ops } = this.recorder.record(() =>
        scoped(() => {
          const outputs = this.definition.predict(this.parameters, tensors);
          return Object.entries(outputs).map(
            ([name, tensor]) => [name, this.recorder.id(tf.cast(tensor, "float32"))] as const,
          );
        }),
      );
      this.addOps(
        branch,
        ops,
        result.map(([, id]) => id),
      );
      for (const [name, id] of result) this.addOutput(`${branch}/output/${name}`, id);
      this.branches.set(branch, { inputs, outputs: result.map(([name]) => name) });
    });
  }

  private withInputs(
    branch: string,
    specs: Specs,
    body: (tensors: Record<string, Tensor>) => void,
  ): void {
    const tensors: Record<string, Tensor> = {};
    for (const [name, { shape, dtype }] of Object.entries(specs)) {
      const tensor = this.recorder.input(shape, dtype);
      const node = this.graph.placeholder(`${branch}/input/${name}`, dtype, shape);
      this.nodes.set(this.recorder.id(tensor), node);
      tensors[name] = tensor;
    }
    try {
      body(tensors);
    } finally {
      tf.dispose(tensors);
    }
  }

  /** Adds the recorded ops that the wanted tensors need. */
  private addOps(branch: string, ops: readonly RecordedOp[], wanted: readonly number[]): void {
    const needed = new Set(wanted);
    const kept = [...ops].reverse().filter(({ inputs, outputs }) => {
      if (!outputs.some((id) => needed.has(id))) return false;
      for (const id of inputs) needed.add(id);
      return true;
    });
    for (const [index, { op, attributes, inputs, outputs }] of kept.reverse().entries()) {
      const node = this.graph.node(
        `${branch}/${index}/${op}`,
        op,
        inputs.map((id) => this.node(id)),
        Object.fromEntries(attributes.map((a) => [a.name, attribute.recorded(a)])),
      );
      for (const [i, id] of outputs.entries()) this.nodes.set(id, i > 0 ? `${node}:${i}` : node);
    }
  }

  private addOutput(name: string, id: number): void {
    this.graph.node(name, "Identity", [this.node(id)], { T: float });
  }

  /** The optimiser's update of one parameter; decoupled decay comes first, as in PyTorch. */
  private addUpdate(branch: string, { name, group, decay }: Trained, gradient: string): string {
    const { handle, read } = this.resources.get(name)!;
    const update = `${branch}/update/${name}`;
    const after: string[] = [];
    if (decay !== 0) {
      const kept = this.graph.node(
        `${update}/kept`,
        "Mul",
        [read, `keep/${group}`, `^${nodeOf(gradient)}`],
        {
          T: float,
        },
      );
      const decayed = this.graph.node(`${update}/decay`, "AssignVariableOp", [handle, kept], {
        dtype: float,
      });
      after.push(`^${decayed}`);
    }
    const { optimizer } = this.definition;
    const rate = `rate/${group}`;
    if (optimizer.kind === "sgd")
      return this.graph.node(
        update,
        "ResourceApplyGradientDescent",
        [handle, rate, gradient, ...after],
        unlocked,
      );
    const [m, v] = ["m", "v"].map((slot) => this.resources.get(`${slot}/${name}`)!.handle);
    // The corrections are in the rate: as float32 powers of β they would cost digits.
    const zero = this.graph.scalar("float32", 0);
    const [beta1, beta2] = [optimizer.beta1, optimizer.beta2].map((b) =>
      this.graph.scalar("float32", b),
    );
    return this.graph.node(
      update,
      "ResourceApplyAdam",
      [handle, m!, v!, zero, zero, rate, beta1!, beta2!, "epsilon", gradient, ...after],
      unlocked,
    );
  }

  private node(id: number): string {
    const known = this.nodes.get(id);
    if (known) return known;
    const constant = this.recorder.constant(id);
    if (!constant) throw new Error("A recorded op refers to a tensor that nothing makes.");
    const name = this.graph.constant(constant);
    this.nodes.set(id, name);
    return name;
  }
}

function nodeOf(output: string): string {
  return output.split(":")[0]!;
}

function scalar(value: number): FeedTensor {
  return { shape: [], data: Float32Array.of(value) };
}

function seedTensor(seed: number, step: number): FeedTensor {
  return { shape: [2], data: Int32Array.of(seed, step) };
}

/** The scalars that the optimiser is fed in the step number `count` (from 1). */
function optimizerScalars(
  { groups, optimizer }: StepDefinition,
  count: number,
  learningRate: number,
): Record<string, FeedTensor> {
  const scalars: Record<string, FeedTensor> = {};
  const { factor, epsilon } =
    optimizer.kind === "adamw" ? adamCorrections(optimizer, count) : { factor: 1, epsilon: 0 };
  if (optimizer.kind === "adamw") scalars.epsilon = scalar(epsilon);
  groupRates(groups, learningRate).forEach((rate, group) => {
    scalars[`rate/${group}`] = scalar(rate * factor);
    scalars[`keep/${group}`] = scalar(1 - rate * groups[group]!.decay);
  });
  return scalars;
}
