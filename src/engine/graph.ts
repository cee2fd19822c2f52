import type { TFEOpAttr } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding";
import { type TypeName, types } from "./execute";
import { type AttrValue, messages } from "./protobuf";
import type { Known } from "./shape-rules";
import { backend } from "./tensorflow";

/** Producer version of the graph format: TensorFlow 2.x understands it. */
const graphVersion = 1882;

/** Values up to this many bytes are deduplicated. */
const smallConstant = 4096;

/** A TensorFlow graph under construction. Nodes are named; an output is `name` or `name:index`, a control input `^name`. */
export class Graph {
  private readonly graph = new messages.GraphDef();
  private readonly constants = new Map<string, string>();

  /** Adds a node; gives its name. */
  node(
    name: string,
    op: string,
    inputs: readonly string[] = [],
    attributes: Readonly<Record<string, AttrValue>> = {},
  ): string {
    const node = new messages.NodeDef();
    node.setName(name);
    node.setOp(op);
    node.setInputList([...inputs]);
    for (const [key, value] of Object.entries(attributes)) node.getAttrMap().set(key, value);
    this.graph.addNode(node);
    return name;
  }

  placeholder(name: string, type: TypeName, shape: readonly number[]): string {
    const attributes = { dtype: attribute.type(types[type]), shape: attribute.shape(shape) };
    return this.node(name, "Placeholder", [], attributes);
  }

  scalar(type: "float32" | "int32", value: number): string {
    return this.constant({ shape: [], dtype: types[type], values: [value] });
  }

  /** Of one value throughout, as gradients have large ones: filled at run time; otherwise stored in the graph. */
  constant({ shape, dtype, values }: Known): string {
    const data = bytes(dtype, values!);
    const first = values![0];
    const uniform =
      data.length > smallConstant && Array.prototype.every.call(values, (v) => v === first);
    const key =
      uniform || data.length <= smallConstant
        ? `${dtype} ${shape} ${uniform ? first : data.toString("base64")}`
        : undefined;
    const known = key === undefined ? undefined : this.constants.get(key);
    if (known) return known;
    const name = uniform
      ? this.fill(`fill/${this.constants.size}`, shape, { shape: [], dtype, values: [first!] })
      : this.node(`constant/${this.constants.size}`, "Const", [], {
          dtype: attribute.type(dtype),
          value: attribute.tensor(dtype, shape, data),
        });
    this.constants.set(key ?? name, name);
    return name;
  }

  /** A float32 output in another shape; itself where it has that shape. */
  reshape(name: string, x: string, from: readonly number[], to: readonly number[]): string {
    if (`${from}` === `${to}`) return x;
    const shape = this.constant({ shape: [to.length], dtype: types.int32, values: to });
    const [T, Tshape] = [attribute.type(types.float32), attribute.type(types.int32)];
    return this.node(name, "Reshape", [x, shape], { T, Tshape });
  }

  /** A tensor of one value, made at run time. */
  fill(name: string, shape: readonly number[], value: Known): string {
    const dims = this.constant({ shape: [shape.length], dtype: types.int32, values: shape });
    return this.node(name, "Fill", [dims, this.constant(value)], {
      T: attribute.type(value.dtype),
      index_type: attribute.type(types.int32),
    });
  }

  /** Every node, as `node` was given it. */
  nodes(): { name: string; op: string; inputs: readonly string[] }[] {
    return this.graph.getNodeList().map((node) => {
      return { name: node.getName(), op: node.getOp(), inputs: node.getInputList() };
    });
  }

  /** The graph as TensorFlow's message GraphDef. */
  serialize(): Uint8Array {
    const version = new messages.VersionDef();
    version.setProducer(graphVersion);
    this.graph.setVersions(version);
    return this.graph.serializeBinary();
  }
}

/** Makers of attribute values. */
export const attribute = {
  type: (type: number) => make((value) => value.setType(type)),
  integer: (integer: number) => make((value) => value.setI(integer)),
  integers: (integers: readonly number[]) =>
    make((value) => {
      const list = new messages.AttrValue.ListValue();
      list.setIList([...integers]);
      value.setList(list);
    }),
  float: (float: number) => make((value) => value.setF(float)),
  boolean: (boolean: boolean) => make((value) => value.setB(boolean)),
  string: (string: string) => make((value) => value.setS(Buffer.from(string).toString("base64"))),
  shape: (shape: readonly number[]) => make((value) => value.setShape(shapeMessage(shape))),
  tensor: (type: number, shape: readonly number[], content: Buffer) =>
    make((value) => {
      const tensor = new messages.Tensor();
      tensor.setDtype(type);
      tensor.setTensorShape(shapeMessage(shape));
      tensor.setTensorContent(content.toString("base64"));
      value.setTensor(tensor);
    }),
  /** An attribute as the eager interface takes it. */
  recorded: ({ name, type, value }: TFEOpAttr) => {
    const { binding } = backend;
    if (type === binding.TF_ATTR_TYPE) return attribute.type(value as number);
    if (type === binding.TF_ATTR_BOOL) return attribute.boolean(value as boolean);
    if (type === binding.TF_ATTR_INT && typeof value === "number") return attribute.integer(value);
    if (type === binding.TF_ATTR_FLOAT) return attribute.float(value as number);
    if (type === binding.TF_ATTR_STRING) return attribute.string(value as string);
    throw new Error(`The attribute ${name} cannot be recorded: its kind is not supported.`);
  },
};

function make(set: (value: AttrValue) => void): AttrValue {
  const value = new messages.AttrValue();
  set(value);
  return value;
}

function shapeMessage(shape: readonly number[]) {
  const message = new messages.TensorShape();
  for (const size of shape) {
    const dim = new messages.TensorShape.Dim();
    dim.setSize(size);
    message.addDim(dim);
  }
  return message;
}

function bytes(dtype: number, values: ArrayLike<number>): Buffer {
  const typed =
    dtype === types.float32
      ? Float32Array.from(values)
      : dtype === types.int32
        ? Int32Array.from(values)
        : Uint8Array.from(values);
  return Buffer.from(typed.buffer, typed.byteOffset, typed.byteLength);
}
