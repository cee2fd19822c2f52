/** The messages of TensorFlow's graph format that are used here; tfjs-node generates them without types. */
interface Messages {
  AttrValue: {
    new (): AttrValue;
    ListValue: new () => { setIList(values: number[]): void };
  };
  TensorShape: { new (): TensorShape; Dim: new () => { setSize(size: number): void } };
  Tensor: new () => TensorProto;
  NodeDef: new () => NodeDef;
  GraphDef: new () => GraphDef;
  VersionDef: new () => { setProducer(version: number): void };
}

export interface AttrValue {
  setType(type: number): void;
  setB(value: boolean): void;
  setI(value: number): void;
  setF(value: number): void;
  /** Base64. */
  setS(value: string): void;
  setShape(shape: TensorShape): void;
  setTensor(tensor: TensorProto): void;
  setList(list: unknown): void;
}

interface TensorShape {
  addDim(dim: unknown): void;
}

interface TensorProto {
  setDtype(type: number): void;
  setTensorShape(shape: TensorShape): void;
  /** Base64. */
  setTensorContent(content: string): void;
}

interface NodeDef {
  setName(name: string): void;
  getName(): string;
  setOp(op: string): void;
  getOp(): string;
  setInputList(inputs: string[]): void;
  getInputList(): string[];
  getAttrMap(): { set(name: string, value: AttrValue): void };
}

export interface GraphDef {
  addNode(node: NodeDef): void;
  getNodeList(): NodeDef[];
  setVersions(version: unknown): void;
  serializeBinary(): Uint8Array;
}

export const messages = require("@tensorflow/tfjs-node-gpu/dist/proto/api_pb") as Messages;
