import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { handOverAddends } from "./addends";
import { handOverBiases } from "./biases";
import { types } from "./execute";
import { declaredShape, nominalShape, refuseSizes } from "./free-sizes";
import { attribute, Graph } from "./graph";
import { scoped } from "./memory";
import { type RecordedOp, Recorder } from "./recorder";
import type { TensorSpec } from "./types";

/** A tensor that was recorded, as the graph has it. */
export interface Recorded {
  readonly node: string;
  /** The op whose first output it is, and the nodes that go into that. */
  readonly maker?: { readonly op: string; readonly inputs: readonly string[] } | undefined;
}

/** A graph with the ops that functions of symbolic tensors run. */
export class RecordedGraph {
  readonly graph = new Graph();
  private readonly recorder = new Recorder();
  /** Symbolic tensor -> the node that makes it. */
  private readonly nodes = new Map<number, string>();

  /** A tensor for functions to be recorded, which a node makes. */
  symbol(node: string, spec: TensorSpec): Tensor {
    const tensor = this.recorder.input(nominalShape(spec), spec.dtype);
    this.nodes.set(this.recorder.id(tensor), node);
    return tensor;
  }

  /** A tensor that is fed. */
  placeholder(node: string, spec: TensorSpec): Tensor {
    return this.symbol(this.graph.placeholder(node, spec.dtype, declaredShape(spec)), spec);
  }

  /** Adds, as `<branch>/<number>/<op>`, the ops that a function's results need. */
  record(branch: string, results: () => readonly Tensor[]): Recorded[] {
    const { result: wanted, ops } = this.recorder.record(() =>
      scoped(() => results().map((tensor) => this.recorder.id(tensor))),
    );
    const shapeOf = (id: number) => this.recorder.shape(id);
    const added = handOverBiases(handOverAddends(needed(ops, wanted), wanted, shapeOf), wanted);
    for (const [index, op] of added.entries()) this.add(`${branch}/${index}/${op.op}`, op);
    const makers = new Map(added.map((op) => [op.outputs[0], op]));
    return wanted.map((id) => {
      const maker = makers.get(id);
      const inputs = maker?.inputs.map((input) => this.node(input));
      return { node: this.node(id), maker: maker && { op: maker.op, inputs: inputs! } };
    });
  }

  /** Adds a node of its own for a float32 tensor, once `after` has run. */
  addOutput(name: string, { node }: Recorded, after: readonly string[] = []): void {
    const inputs = [node, ...after.map((other) => `^${other}`)];
    this.graph.node(name, "Identity", inputs, { T: attribute.type(types.float32) });
  }

  /** Throws where the op holds for one batch only. */
  private add(name: string, { op, attributes, inputs, outputs }: RecordedOp): void {
    for (const id of inputs) {
      const constant = this.recorder.constant(id);
      if (constant) refuseSizes(op, constant);
    }
    const node = this.graph.node(
      name,
      op,
      inputs.map((id) => this.node(id)),
      Object.fromEntries(attributes.map((a) => [a.name, attribute.recorded(a)])),
    );
    for (const [i, id] of outputs.entries()) this.nodes.set(id, i > 0 ? `${node}:${i}` : node);
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

/** The ops without which the wanted tensors are not made. */
function needed(ops: readonly RecordedOp[], wanted: readonly number[]): RecordedOp[] {
  const ids = new Set(wanted);
  const kept: RecordedOp[] = [];
  for (const op of [...ops].reverse())
    if (op.outputs.some((id) => ids.has(id))) {
      for (const id of op.inputs) ids.add(id);
      kept.push(op);
    }
  return kept.reverse();
}
