import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { handOverBiases } from "./biases";
import {
  clipGradients,
  lossAndGradients,
  predictions,
  slotNames,
  type Trained,
  trainedParameters,
} from "./definition";
import { types } from "./execute";
import { declaredShape, nominalShape, refuseSizes } from "./free-sizes";
import { attribute, Graph } from "./graph";
import { scoped } from "./memory";
import {
  addAdamW,
  addOptimizerInputs,
  addUpdate,
  type Gradient,
  type Pack,
} from "./optimizer-graph";
import { concatenate } from "./packing";
import { type RecordedOp, Recorder } from "./recorder";
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
  readonly graph = new Graph();
  readonly variables = new Variables();
  readonly branches: { readonly train?: Branch; readonly evaluate: Branch };
  readonly trained: readonly Trained[];
  readonly slots: readonly string[];

  private readonly recorder = new Recorder();
  /** Symbolic tensor -> the node that makes it. */
  private readonly nodes = new Map<number, string>();
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
        return [name, this.symbol(readOf(name), { shape, dtype: "float32" })];
      }),
    );
    this.seed = this.placeholder("seed", { shape: [2], dtype: "int32" });
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
    const { optimizer } = this.definition;
    const inputs = this.definition.inputs(branch);
    const tensors = this.placeholders(branch, inputs);
    const id = (tensor: Tensor) => this.recorder.id(tensor);
    const { result, ops } = this.recorder.record(() =>
      scoped(() => {
        const { definition, parameters, trained, packs, seed } = this;
        const { loss, gradients } = lossAndGradients(definition, {
          parameters,
          trained,
          inputs: tensors,
          seed,
        });
        const named = new Map(trained.map(({ name }, at) => [name, gradients[at]!]));
        const packed = packs.map(({ shapes }) =>
          concatenate([...shapes.keys()].map((name) => named.get(name)!)),
        );
        const clipped = clipGradients(packed, optimizer.clip);
        return { loss: id(loss), gradients: gradients.map(id), packed: clipped.map(id) };
      }),
    );
    this.addOps(branch, ops, [result.loss, ...result.gradients, ...result.packed]);
    const gradients = this.trained.map((parameter, i): Gradient => {
      const made = result.gradients[i]!;
      this.addOutput(`${branch}/gradient/${parameter.name}`, made);
      return { parameter, node: this.node(made), rows: this.rowsOf(made, ops) };
    });
    const { graph, packs, resources } = this;
    const updates =
      this.fused && optimizer.kind === "adamw"
        ? [addAdamW(graph, branch, optimizer, gradients, resources)]
        : packs.map((pack, at) =>
            addUpdate(graph, branch, optimizer, pack, this.node(result.packed[at]!), resources),
          );
    this.addOutput(`${branch}/step`, result.loss, updates);
    this.addLosses(branch);
    return { inputs, outputs: [] };
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

  /** What a gradient is made of that is a sum of looked-up rows, as the gradient of an embedding is. */
  private rowsOf(gradient: number, ops: readonly RecordedOp[]): Gradient["rows"] {
    const maker = ops.find(({ outputs }) => outputs[0] === gradient);
    if (maker?.op !== "UnsortedSegmentSum") return undefined;
    const [values, ids] = maker.inputs.map((id) => this.node(id));
    return { values: values!, ids: ids! };
  }

  private addEvaluation(branch: "evaluate"): Branch {
    const inputs = this.definition.inputs(branch);
    const tensors = this.placeholders(branch, inputs);
    const { result, ops } = this.recorder.record(() =>
      scoped(() => {
        const outputs = Object.entries(predictions(this.definition, this.parameters, tensors));
        return outputs.map(
          ([name, tensor]) => [name, this.recorder.id(tf.cast(tensor, "float32"))] as const,
        );
      }),
    );
    const ids = result.map(([, id]) => id);
    this.addOps(branch, ops, ids);
    for (const [name, id] of result) this.addOutput(`${branch}/output/${name}`, id);
    return { inputs, outputs: result.map(([name]) => name) };
  }

  private placeholders(branch: string, specs: Specs): Record<string, Tensor> {
    return Object.fromEntries(
      Object.entries(specs).map(([name, spec]) => [
        name,
        this.placeholder(`${branch}/input/${name}`, spec),
      ]),
    );
  }

  private placeholder(node: string, spec: TensorSpec): Tensor {
    return this.symbol(this.graph.placeholder(node, spec.dtype, declaredShape(spec)), spec);
  }

  private symbol(node: string, spec: TensorSpec): Tensor {
    const tensor = this.recorder.input(nominalShape(spec), spec.dtype);
    this.nodes.set(this.recorder.id(tensor), node);
    return tensor;
  }

  /** Adds the recorded ops that the wanted tensors need; throws where one of them holds for one batch only. */
  private addOps(branch: string, ops: readonly RecordedOp[], wanted: readonly number[]): void {
    const needed = new Set(wanted);
    const kept: RecordedOp[] = [];
    for (const recorded of [...ops].reverse())
      if (recorded.outputs.some((id) => needed.has(id))) {
        for (const id of recorded.inputs) needed.add(id);
        kept.push(recorded);
      }
    const handed = handOverBiases(kept.reverse(), wanted);
    for (const [index, { op, attributes, inputs, outputs }] of handed.entries()) {
      for (const id of inputs) {
        const constant = this.recorder.constant(id);
        if (constant) refuseSizes(op, constant);
      }
      const node = this.graph.node(
        `${branch}/${index}/${op}`,
        op,
        inputs.map((id) => this.node(id)),
        Object.fromEntries(attributes.map((a) => [a.name, attribute.recorded(a)])),
      );
      for (const [i, id] of outputs.entries()) this.nodes.set(id, i > 0 ? `${node}:${i}` : node);
    }
  }

  /** A node of its own for a float32 tensor, once `after` has run. */
  private addOutput(name: string, id: number, after: readonly string[] = []): void {
    const inputs = [this.node(id), ...after.map((node) => `^${node}`)];
    this.graph.node(name, "Identity", inputs, { T: attribute.type(types.float32) });
  }

  private node(id: number): string {
    const known = this.nodes.get(id);
    if (known !== undefined) return known;
    const constant = this.recorder.constant(id);
    if (!constant) throw new Error("A recorded op refers to a tensor that nothing makes.");
    const name = this.graph.constant(constant);
    this.nodes.set(id, name);
    return name;
  }
}

/** The trained parameters as variables hold them whose updates are made of TensorFlow's ops. */
function packsOf({ groups, parameters }: StepDefinition): Pack[] {
  return groups.flatMap(({ names, decay }, group) => {
    const shapes = new Map(names.map((name) => [name, parameters.get(name)!.shape]));
    return names.length > 0 ? [{ name: `group/${group}`, group, decay, shapes }] : [];
  });
}
