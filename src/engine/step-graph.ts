import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  clipGradients,
  lossAndGradients,
  predictions,
  slotNames,
  type Trained,
  trainedParameters,
} from "./definition";
import { types } from "./execute";
import { attribute } from "./graph";
import {
  addAdamW,
  addOptimizerInputs,
  addUpdate,
  type Gradient,
  type Pack,
} from "./optimizer-graph";
import { concatenate } from "./packing";
import { type Recorded, RecordedGraph } from "./recorded-graph";
import { hasKernels, tf } from "./tensorflow";
import type { StepDefinition, TensorSpec } from "./types";
import { readOf, type Variable, Variables } from "./variables";

/** How many steps' losses the graph keeps until they are fetched. */
export const keptLosses = 16;

type Specs = Readonly<Record<string, TensorSpec>>;

/** A branch of the graph: training or evaluation, of batches of any size. */
export interface Branch {
  readonly inputs: Specs;
  /** Names of what evaluation predicts. */
  readonly outputs: readonly string[];
}

/**
 * The graph of a step. Besides the variables, its branches `evaluate` and, where something trains, `train` have the
 * nodes `<branch>/input/<name>`, and `train/step` (the loss, after all updates) and `train/gradient/<parameter>`, or
 * `evaluate/output/<name>`. The dropout seed is fed as `seed`. `train/kept` is a step too: it puts the loss among those
 * kept, at the place fed as `place`, and `train/losses` gives all of these after it.
 */
export class StepGraph {
  private readonly recorded = new RecordedGraph();
  readonly graph = this.recorded.graph;
  readonly variables = new Variables();
  readonly branches: { readonly train?: Branch; readonly evaluate: Branch };
  readonly trained: readonly Trained[];
  readonly slots: readonly string[];

  private readonly resources = new Map<string, Variable>();
  private readonly packs: readonly Pack[];
  private readonly parameters: Readonly<Record<string, Tensor>>;
  private readonly seed: Tensor;

  constructor(private readonly definition: StepDefinition) {
    this.trained = trainedParameters(definition);
    this.slots = slotNames(definition, this.trained);
    this.packs = this.fused ? [] : packsOf(definition);
    this.addVariables(definition);
    this.parameters = Object.fromEntries(
      [...definition.parameters].map(([name, { shape }]) => {
        return [name, this.recorded.symbol(readOf(name), { shape, dtype: "float32" })];
      }),
    );
    this.seed = this.recorded.placeholder("seed", { shape: [2], dtype: "int32" });
    addOptimizerInputs(this.graph, definition);
    const train = this.trained.length > 0 ? this.addTraining("train") : undefined;
    this.branches = { ...(train && { train }), evaluate: this.addEvaluation("evaluate") };
  }

  /** Whether one kernel of ours updates all parameters. */
  private get fused(): boolean {
    return hasKernels && this.definition.optimizer.kind === "adamw";
  }

  private addVariables({ parameters }: StepDefinition): void {
    const { graph, variables, resources, packs } = this;
    const packed = new Set(packs.flatMap(({ shapes }) => [...shapes.keys()]));
    for (const [name, { shape }] of parameters)
      if (!packed.has(name)) resources.set(name, variables.add(graph, name, shape));
    for (const slot of this.slots) {
      const name = slot.slice(slot.indexOf("/") + 1);
      if (packed.has(name)) continue;
      resources.set(slot, variables.addZeros(graph, slot, parameters.get(name)!.shape));
    }
    const prefixes = new Set(this.slots.map((slot) => slot.slice(0, slot.indexOf("/") + 1)));
    for (const { name, shapes } of packs)
      for (const prefix of ["", ...prefixes]) {
        const parts = [...shapes].map(([part, shape]) => [`${prefix}${part}`, shape] as const);
        resources.set(`${prefix}${name}`, variables.addPacked(graph, `${prefix}${name}`, parts));
      }
  }

  private addTraining(branch: "train"): Branch {
    const { definition, graph, recorded, packs, parameters, resources, seed, trained } = this;
    const { optimizer } = definition;
    const specs = definition.inputs(branch);
    const inputs = this.placeholders(branch, specs);
    const [loss, ...made] = recorded.record(branch, () => {
      const step = lossAndGradients(definition, { parameters, trained, inputs, seed });
      const named = new Map(trained.map(({ name }, at) => [name, step.gradients[at]!]));
      const packed = packs.map(({ shapes }) =>
        concatenate([...shapes.keys()].map((name) => named.get(name)!)),
      );
      return [step.loss, ...step.gradients, ...clipGradients(packed, optimizer.clip)];
    });
    const gradients = trained.map((parameter, at): Gradient => {
      const gradient = made[at]!;
      recorded.addOutput(`${branch}/gradient/${parameter.name}`, gradient);
      return { parameter, node: gradient.node, rows: rowsOf(gradient) };
    });
    const packed = made.slice(trained.length);
    const updates =
      this.fused && optimizer.kind === "adamw"
        ? [addAdamW(graph, branch, optimizer, gradients, resources)]
        : packs.map((pack, at) =>
            addUpdate(graph, branch, optimizer, pack, packed[at]!.node, resources),
          );
    recorded.addOutput(`${branch}/step`, loss!, updates);
    this.addLosses(branch);
    return { inputs: specs, outputs: [] };
  }

  private addLosses(branch: "train"): void {
    const { handle } = this.variables.addZeros(this.graph, "losses", [keptLosses]);
    const float = attribute.type(types.float32);
    const place = this.graph.placeholder("place", "int32", []);
    const kept = this.graph.node(
      `${branch}/kept`,
      "ResourceScatterUpdate",
      [handle, place, `${branch}/step`],
      { dtype: float, Tindices: attribute.type(types.int32) },
    );
    const after = [handle, `^${kept}`];
    this.graph.node(`${branch}/losses`, "ReadVariableOp", after, { dtype: float });
  }

  private addEvaluation(branch: "evaluate"): Branch {
    const { definition, recorded, parameters } = this;
    const specs = definition.inputs(branch);
    const inputs = this.placeholders(branch, specs);
    let outputs: string[] = [];
    const made = recorded.record(branch, () => {
      const predicted = predictions(definition, parameters, inputs);
      outputs = Object.keys(predicted);
      return Object.values(predicted).map((tensor) => tf.cast(tensor, "float32"));
    });
    for (const [at, output] of outputs.entries())
      recorded.addOutput(`${branch}/output/${output}`, made[at]!);
    return { inputs: specs, outputs };
  }

  private placeholders(branch: string, specs: Specs): Record<string, Tensor> {
    return Object.fromEntries(
      Object.entries(specs).map(([name, spec]) => [
        name,
        this.recorded.placeholder(`${branch}/input/${name}`, spec),
      ]),
    );
  }
}

/** What a gradient is made of that is a sum of looked-up rows, as the gradient of an embedding is. */
function rowsOf({ maker }: Recorded): Gradient["rows"] {
  if (maker?.op !== "UnsortedSegmentSum") return undefined;
  const [values, ids] = maker.inputs;
  return { values: values!, ids: ids! };
}

/** The trained parameters as variables hold them whose updates are made of TensorFlow's ops. */
function packsOf({ groups, parameters }: StepDefinition): Pack[] {
  return groups.flatMap(({ names, decay }, group) => {
    const shapes = new Map(names.map((name) => [name, parameters.get(name)!.shape]));
    return names.length > 0 ? [{ name: `group/${group}`, group, decay, shapes }] : [];
  });
}
