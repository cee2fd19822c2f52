import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import type {
  TensorMetadata,
  TFEOpAttr,
  TFJSBinding,
} from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import { columnSums } from "./column-sums";
import { type TypeName, types } from "./execute";
import { sizeless } from "./free-sizes";
import { nominalValues } from "./nominal-values";
import { inferOutputs, type Known } from "./shape-rules";
import { backend, members } from "./tensorflow";

export interface RecordedOp {
  readonly op: string;
  readonly attributes: readonly TFEOpAttr[];
  /** Ids of symbolic tensors. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** A symbolic tensor: known by shape and type; constants also by value. */
interface Symbol extends Known {
  readonly source: string;
}

/** The parts of the backend that its type declarations keep to themselves. */
interface Internals {
  binding: TFJSBinding;
  tensorMap: {
    get(dataId: object): { id: number; values: Values | null; shape: number[]; dtype: number };
  };
  createOutputTensor(metadata: TensorMetadata): Tensor;
  getInputTensorIds(tensors: Tensor[]): number[];
}

type Values = Float32Array | Int32Array | Uint8Array;

const internals = backend as unknown as Internals;

/**
 * Records the ops that a function runs, without computing: tensors have negative ids, shapes and types come from
 * `shape-rules.ts`, and only constants have values. TensorFlow.js, its gradients included, notices nothing.
 */
export class Recorder {
  private readonly symbols = new Map<number, Symbol>();
  private readonly constantIds = new WeakMap<object, number>();
  /** Outputs of kernels whose sums over rows the kernel gives too, and those. */
  private readonly sums = new Map<number, number>();
  private recorded: RecordedOp[] = [];
  private nextId = -2;

  /** A tensor whose values come at run time, with nominal sizes for those that do too. */
  input(shape: readonly number[], type: TypeName): Tensor {
    return this.tensor(this.add({ shape, dtype: types[type], source: "an input" }));
  }

  /** The id by which recorded ops name a symbolic tensor. */
  id(tensor: Tensor): number {
    return this.identify(tensor);
  }

  /** With nominal sizes for those that come at run time. */
  shape(id: number): readonly number[] {
    return this.symbols.get(id)!.shape;
  }

  /** The constant behind an id, if it is one. */
  constant(id: number): Known | undefined {
    const symbol = this.symbols.get(id);
    return symbol?.values && !symbol.nominal ? symbol : undefined;
  }

  /** Runs `body` with recording on; gives its result and the ops it ran. */
  record<Result>(body: () => Result): { result: Result; ops: readonly RecordedOp[] } {
    const { binding } = internals;
    this.recorded = [];
    internals.binding = this.symbolicBinding(binding);
    internals.getInputTensorIds = (tensors) => tensors.map((tensor) => this.identify(tensor));
    try {
      return { result: body(), ops: this.recorded };
    } finally {
      internals.binding = binding;
      delete (internals as Partial<Internals>).getInputTensorIds;
    }
  }

  private symbolicBinding(real: TFJSBinding): TFJSBinding {
    const cannot = (what: string) => () => {
      throw new Error(`${what} cannot be recorded in a step.`);
    };
    return {
      ...members(real),
      executeOp: (op, attributes, inputs, count) => this.execute(op, attributes, inputs, count),
      createTensor: (shape, dtype, values) =>
        this.add({ shape, dtype, values: values as Values, source: "a constant" }),
      deleteTensor: () => {},
      tensorDataSync: (id) => this.read(id),
      loadSavedModel: cannot("Loading a saved model"),
      runSavedModel: cannot("Running a saved model"),
    };
  }

  private execute(
    op: string,
    attributes: TFEOpAttr[],
    inputs: number[],
    count: number,
  ): TensorMetadata[] {
    const known = inputs.map((id) => {
      const symbol = this.symbols.get(id);
      if (!symbol) throw new Error(strangerMessage(`as an input of the op ${op}`));
      return symbol;
    });
    const named = Object.fromEntries(attributes.map(({ name, value }) => [name, value]));
    const sums = op === "BiasAddGrad" ? this.sums.get(inputs[0]!) : undefined;
    if (sums !== undefined)
      return [{ id: sums, shape: known[0]!.shape.slice(-1), dtype: known[0]!.dtype }];
    const outputs = inferOutputs(op, known, named).slice(0, count);
    // tfjs reshapes the gradients of sums whatever their shapes.
    if (op === "Reshape" && String(outputs[0]![0]) === String(known[0]!.shape))
      return [{ id: inputs[0]!, shape: [...known[0]!.shape], dtype: known[0]!.dtype }];
    const values = nominalValues(op, known);
    const source = `the op ${op}`;
    const made = outputs.map(([shape, dtype]) => ({
      id: this.add({ shape, dtype, source, ...(values && { values, nominal: true }) }),
      shape: [...shape],
      dtype,
    }));
    this.recorded.push({
      op,
      attributes,
      inputs: this.withoutSizes(op, inputs, known, outputs[0]![0]),
      outputs: made.map(({ id }) => id),
    });
    for (const [of, sums] of columnSums(op, named)) this.sums.set(made[of]!.id, made[sums]!.id);
    return made;
  }

  /** The inputs of an op, its last one (a shape in numbers) in a form that holds for every batch. */
  private withoutSizes(
    op: string,
    inputs: readonly number[],
    known: readonly Known[],
    result: readonly number[],
  ): readonly number[] {
    const values = known.at(-1)?.nominal ? undefined : sizeless(op, known, result);
    if (!values) return inputs;
    const shape = { shape: [values.length], dtype: types.int32, values, source: "a constant" };
    return [...inputs.slice(0, -1), this.add(shape)];
  }

  private read(id: number): Values {
    const symbol = this.symbols.get(id);
    if (!symbol) throw new Error(strangerMessage("where its values are read"));
    if (symbol.values && !symbol.nominal) return symbol.values as Values;
    throw new Error(
      `A step read the values of a tensor [${symbol.shape}] that is ${symbol.source.startsWith("the") ? `made by ${symbol.source}` : symbol.source}. ` +
        "A recorded step has no values yet: keep dataSync, array() and conditions on values out of it " +
        "(tf.gather reads its indices; ops.embedding does not).",
    );
  }

  private identify(tensor: Tensor): number {
    const info = internals.tensorMap.get(tensor.dataId);
    if (info.values === null) {
      if (!this.symbols.has(info.id))
        throw new Error(strangerMessage(`with shape [${tensor.shape}]`));
      return info.id;
    }
    // Values not handed to TensorFlow yet: a constant. The tensor itself stays as it is, it may be used outside too.
    let id = this.constantIds.get(tensor.dataId);
    if (id === undefined) {
      const { shape, dtype, values } = info;
      id = this.add({ shape, dtype, values, source: "a constant" });
      this.constantIds.set(tensor.dataId, id);
    }
    return id;
  }

  private add(symbol: Symbol): number {
    const id = this.nextId--;
    this.symbols.set(id, symbol);
    return id;
  }

  private tensor(id: number): Tensor {
    const { shape, dtype } = this.symbols.get(id)!;
    return internals.createOutputTensor({ id, shape: [...shape], dtype });
  }
}

function strangerMessage(where: string): string {
  return (
    `A tensor made outside the step turned up inside it, ${where}. A recorded step knows its parameters, its inputs ` +
    "and what it makes itself: declare the tensor as a parameter or an input, or make it inside the step."
  );
}
