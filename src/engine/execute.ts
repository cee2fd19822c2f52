import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import type { TFEOpAttr } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import { backend, tf } from "./tensorflow";

/** TensorFlow's numbers for types (`DataType` in types.proto); bfloat16 is unknown to tfjs. */
export const types = { float32: 1, int32: 3, bool: 10, bfloat16: 14 } as const;

export type TypeName = keyof typeof types;

/** Attributes of an op: names are types, numbers integers unless wrapped by `float`. */
export type Attributes = Readonly<Record<string, TypeName | boolean | number | Float>>;

interface Float {
  readonly float: number;
}

/** A float attribute. */
export const float = (value: number): Float => ({ float: value });

const { binding } = backend;

/** Runs one TensorFlow op with one output; recorded when a recording is under way. */
export function execute(op: string, attributes: Attributes, inputs: readonly Tensor[]): Tensor {
  return backend.executeSingleOutput(op, encode(attributes), [...inputs]);
}

/** As `execute`, with several outputs. */
export function executeMany(
  op: string,
  attributes: Attributes,
  inputs: readonly Tensor[],
  outputs: number,
): Tensor[] {
  return backend.executeMultipleOutputs(op, encode(attributes), [...inputs], outputs);
}

/**
 * Runs a chain of ops whose results in between have types that tfjs cannot hold (bfloat16). `step` runs an op on
 * raw ids, `input` gives a tensor's id; what `chain` returns becomes a tensor, the rest is freed.
 */
export function executeChain(
  chain: (
    step: (op: string, attributes: Attributes, inputs: readonly number[]) => number,
    input: (tensor: Tensor) => number,
  ) => number,
): Tensor {
  const made: { id: number; shape: number[]; dtype: number }[] = [];
  const internal = backend as unknown as {
    createOutputTensor(metadata: { id: number; shape: number[]; dtype: number }): Tensor;
    getInputTensorIds(tensors: Tensor[]): number[];
  };
  const result = chain(
    (op, attributes, inputs) => {
      const output = backend.binding.executeOp(op, encode(attributes), [...inputs], 1)[0]!;
      made.push(output);
      return output.id;
    },
    (tensor) => internal.getInputTensorIds([tensor])[0]!,
  );
  for (const output of made) if (output.id !== result) backend.binding.deleteTensor(output.id);
  return internal.createOutputTensor(made.find((output) => output.id === result)!);
}

/** int32 vector, for the shape and axis inputs of ops. */
export function integers(values: readonly number[]): Tensor {
  return tf.tensor1d([...values], "int32");
}

function encode(attributes: Attributes): TFEOpAttr[] {
  return Object.entries(attributes).map(([name, value]) => {
    if (typeof value === "boolean") return { name, type: binding.TF_ATTR_BOOL, value };
    if (typeof value === "number") return { name, type: binding.TF_ATTR_INT, value };
    if (typeof value === "object") return { name, type: binding.TF_ATTR_FLOAT, value: value.float };
    return { name, type: binding.TF_ATTR_TYPE, value: types[value] };
  });
}
