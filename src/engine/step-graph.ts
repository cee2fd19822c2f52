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
import { declaredShape, nominalShape, refuseSizes } from "./free-sizes";
import { attribute, Graph } from "./graph";
import { scoped } from "./memory";
import { addAdamW, addOptimizerInputs, addUpdate, type Gradient } from "./optimizer-graph";
import { type RecordedOp, Recorder } from "./recorder";
import { hasKernels, tf } from "./tensorflow";
import type { StepDefinition, TensorSpec } from "./types";
import { type Variable, Variables } from "./variables";

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
 * `evaluate/output/<name>`. The dropout seed is fed as `seed`.
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
  private readonly parameters: Readonly<Record<string, Tensor>>;
  private readonly seed: Tensor;

  constructor(private readonly definition: StepDefinition) {
    this.trained = trainedParameters(definition);
    this.slots = slotNames(definition, this.trained);
    const { parameters } = definition;
    this.parameters = Object.fromEntries(
      [...parameters].map(([name, { shape }]) => {
        const variable = this.variables.add(this.graph, name, shape);
        this.resources.set(name, variable);
        return [name, this.symbol(variable.read, { shape, dtype: "float32" })];
      }),
    );
    for (const slot of this.slots) {
      const { shape } = parameters.get(slot.slice(slot.indexOf("/") + 1))!;
      this.resources.set(slot, this.variables.addZeros(this.graph, slot, shape));
    }
    this.variables.finish(this.graph);
    this.seed = this.placeholder("seed", { shape: [2], dtype: "int32" });
    addOptimizerInputs(this.graph, definition);
    const train = this.trained.length > 0 ? this.addTraining("train") : undefined;
    this.branches = { ...(train && { train }), evaluate: this.addEvaluation("evaluate") };
  }

  private addTraining(branch: "train"): Branch {
    const { optimizer } = this.definition;
    const inputs = this.definition.inputs(branch);
    const tensors = this.placeholders(branch, inputs);
    const id = (tensor: Tensor) => this.recorder.id(tensor);
    const fused = hasKernels && optimizer.kind === "adamw";
    const { result, ops } = this.recorder.record(() =>
      scoped(() => {
        const { definition, parameters, trained, seed } = this;
        const { loss, gradients } = lossAndGradients(definition, {
          parameters,
          trained,
          inputs: tensors,
          seed,
        });
        // The fused update clips by itself.
        const clipped = fused ? gradients : clipGradients(gradients, optimizer.clip);
        return { loss: id(loss), gradients: gradients.map(id), clipped: clipped.map(id) };
      }),
    );
    this.addOps(branch, ops, [result.loss, ...result.clipped]);
    const gradients = this.trained.map((parameter, i): Gradient => {
      const made = result.gradients[i]!;
      this.addOutput(`${branch}/gradient/${parameter.name}`, made);
      return { parameter, node: this.node(made), rows: this.rowsOf(made, ops) };
    });
    const updates = fused
      ? [addAdamW(this.graph, branch, optimizer, gradients, this.resources)]
      : gradients.map(({ parameter }, i) => {
          const gradient = this.node(result.clipped[i]!);
          return addUpdate(this.graph, branch, optimizer, parameter, gradient, this.resources);
        });
    this.addOutput(`${branch}/step`, result.loss, updates);
    return { inputs, outputs: [] };
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
    for (const [index, { op, attributes, inputs, outputs }] of kept.reverse().entries()) {
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
