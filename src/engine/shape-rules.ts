import { types } from "./execute";
import { nominal } from "./free-sizes";
import { broadcast, ends, position, sizeOf } from "./shapes";

/** What is known of a tensor while recording: its shape and type, and its values if it is a constant. */
export interface Known {
  /** With the nominal sizes where they are free. */
  readonly shape: readonly number[];
  /** TensorFlow's number, see `types`. */
  readonly dtype: number;
  readonly values?: ArrayLike<number> | undefined;
  /** The values are those at the nominal sizes: rules read them, a replay computes its own. */
  readonly nominal?: boolean;
}

type Attributes = Readonly<Record<string, unknown>>;
type Output = readonly [shape: readonly number[], dtype: number];
type Rule = (inputs: readonly Known[], attributes: Attributes) => readonly Output[];

/** Infers the outputs of an op; throws where the inputs do not fit or the op has no rule. */
export function inferOutputs(
  op: string,
  inputs: readonly Known[],
  attributes: Attributes,
): readonly Output[] {
  const rule = rules.get(op);
  if (!rule)
    throw new Error(
      `The op ${op} cannot be recorded: it has no shape rule. Add one to src/engine/shape-rules.ts, or use other ops.`,
    );
  try {
    return rule(inputs, attributes);
  } catch (cause) {
    const shapes = inputs.map((input) => `[${input.shape}]`).join(", ");
    throw new Error(`The op ${op} on ${shapes} cannot be recorded: ${(cause as Error).message}`, {
      cause,
    });
  }
}

const sameAsFirst: Rule = ([x]) => [[x!.shape, x!.dtype]];
const broadcasting: Rule = ([x, y]) => [[broadcast(x!.shape, y!.shape), x!.dtype]];
const comparison: Rule = ([x, y]) => [[broadcast(x!.shape, y!.shape), types.bool]];

const reduction: Rule = ([x, axes], { keep_dims }) => {
  const reduced = integers(axes!).map((axis) => position(axis, x!.shape.length));
  const shape = keep_dims
    ? x!.shape.map((d, axis) => (reduced.includes(axis) ? 1 : d))
    : x!.shape.filter((_, axis) => !reduced.includes(axis));
  return [[shape, x!.dtype]];
};

const argument: Rule = ([x, axis], { output_type }) => {
  const at = position(integers(axis!)[0]!, x!.shape.length);
  return [[x!.shape.filter((_, i) => i !== at), output_type as number]];
};

const perRowLoss: Rule = ([logits]) => [
  [[logits!.shape[0]!], logits!.dtype],
  [logits!.shape, logits!.dtype],
];

const filled: Rule = ([shape], { dtype }) => [[integers(shape!), dtype as number]];

const product: Rule = ([a, b], { transpose_a, transpose_b }) => {
  const [rows, inner] = ends(a!.shape, transpose_a);
  const [inner2, columns] = ends(b!.shape, transpose_b);
  if (inner !== inner2) throw new Error(`the inner dimensions ${inner} and ${inner2} differ.`);
  return [[[rows, columns], a!.dtype]];
};

const named: Readonly<Record<string, Rule>> = {
  MatMul: product,
  BatchMatMulV2: ([a, b], { adj_x, adj_y }) => {
    const [rows, inner] = ends(a!.shape, adj_x);
    const [inner2, columns] = ends(b!.shape, adj_y);
    if (inner !== inner2) throw new Error(`the inner dimensions ${inner} and ${inner2} differ.`);
    const batch = broadcast(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    return [[[...batch, rows, columns], a!.dtype]];
  },
  BiasAddGrad: ([x]) => [[x!.shape.slice(-1), x!.dtype]],
  L2Loss: ([x]) => [[[], x!.dtype]],
  Cast: ([x], { DstT }) => [[x!.shape, DstT as number]],
  Reshape: ([x, to]) => {
    const shape = integers(to!);
    const size = sizeOf(x!.shape);
    const free = shape.indexOf(-1);
    if (free >= 0) shape[free] = -size / sizeOf(shape);
    if (sizeOf(shape) !== size) throw new Error(`[${shape}] has another size.`);
    return [[shape, x!.dtype]];
  },
  ExpandDims: ([x, axis]) => {
    const shape = [...x!.shape];
    shape.splice(position(integers(axis!)[0]!, shape.length + 1), 0, 1);
    return [[shape, x!.dtype]];
  },
  Transpose: ([x, order]) => [[integers(order!).map((axis) => x!.shape[axis]!), x!.dtype]],
  Slice: ([x, begin, size]) => {
    const from = integers(begin!);
    const shape = integers(size!).map((d, axis) => (d < 0 ? x!.shape[axis]! - from[axis]! : d));
    return [[shape, x!.dtype]];
  },
  PadV2: ([x, paddings]) => {
    const by = integers(paddings!);
    return [[x!.shape.map((d, axis) => d + by[2 * axis]! + by[2 * axis + 1]!), x!.dtype]];
  },
  Tile: ([x, multiples]) => {
    const times = integers(multiples!);
    return [[x!.shape.map((d, axis) => d * times[axis]!), x!.dtype]];
  },
  BroadcastTo: ([x, to]) => [[integers(to!), x!.dtype]],
  Fill: ([shape, value]) => [[integers(shape!), value!.dtype]],
  Shape: ([x], { out_type }) => [[[x!.shape.length], out_type as number]],
  Size: (_, { out_type }) => [[[], out_type as number]],
  Range: ([start, limit, delta]) => {
    const [from, to, by] = [start, limit, delta].map((x) => x!.values?.[0]);
    const known = from !== undefined && to !== undefined && by !== undefined;
    return [[[known ? Math.ceil((to - from) / by) : nominal.range], start!.dtype]];
  },
  GatherV2: ([x, indices, axis]) => {
    const at = position(integers(axis!)[0]!, x!.shape.length);
    return [[[...x!.shape.slice(0, at), ...indices!.shape, ...x!.shape.slice(at + 1)], x!.dtype]];
  },
  TensorScatterAdd: sameAsFirst,
  UnsortedSegmentSum: ([x, segments, count]) => [
    [[integers(count!)[0]!, ...x!.shape.slice(segments!.shape.length)], x!.dtype],
  ],
  OneHot: ([indices, depth], { T }) => [[[...indices!.shape, integers(depth!)[0]!], T as number]],
  Pack: (inputs, { axis }) => {
    const shape = [...inputs[0]!.shape];
    shape.splice(axis as number, 0, inputs.length);
    return [[shape, inputs[0]!.dtype]];
  },
  Unpack: ([x], { axis, num }) => {
    const shape = x!.shape.filter((_, i) => i !== position(axis as number, x!.shape.length));
    return Array.from({ length: num as number }, () => [shape, x!.dtype] as const);
  },
  ConcatV2: (inputs) => {
    const parts = inputs.slice(0, -1);
    const shape = [...parts[0]!.shape];
    const axis = position(integers(inputs.at(-1)!)[0]!, shape.length);
    shape[axis] = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
    return [[shape, parts[0]!.dtype]];
  },
  Split: ([axis, x], { num_split }) => {
    const at = position(integers(axis!)[0]!, x!.shape.length);
    const shape = x!.shape.map((d, i) => (i === at ? d / (num_split as number) : d));
    return Array.from({ length: num_split as number }, () => [shape, x!.dtype] as const);
  },
  SplitV: ([x, sizes, axis]) => {
    const at = position(integers(axis!)[0]!, x!.shape.length);
    return integers(sizes!).map(
      (size) => [x!.shape.map((d, i) => (i === at ? size : d)), x!.dtype] as const,
    );
  },
  SelectV2: ([condition, a, b]) => [
    [broadcast(condition!.shape, broadcast(a!.shape, b!.shape)), a!.dtype],
  ],
  StatelessRandomUniform: filled,
  StatelessRandomNormalV2: filled,
  SparseSoftmaxCrossEntropyWithLogits: perRowLoss,
  SoftmaxCrossEntropyWithLogits: perRowLoss,
  PeftlabDropout: sameAsFirst,
  PeftlabGelu: sameAsFirst,
  PeftlabGeluGrad: ([dy]) => [
    [dy!.shape, dy!.dtype],
    [dy!.shape.slice(-1), dy!.dtype],
  ],
  PeftlabMatMul: product,
  PeftlabLayerNorm: ([x]) => [
    [x!.shape, x!.dtype],
    [x!.shape, x!.dtype],
    [[x!.shape[0]!], x!.dtype],
  ],
  PeftlabLayerNormGrad: ([dy, , , gamma]) =>
    [dy, dy, gamma, gamma, gamma].map((like) => [like!.shape, like!.dtype]),
  PeftlabAttention: ([query], { heads }) => [
    [query!.shape, query!.dtype],
    [[query!.shape[0]!, heads as number], query!.dtype],
  ],
  PeftlabAttentionGrad: ([, ...inputs]) => [
    ...inputs.slice(0, 3).map((like) => [like.shape, like.dtype] as const),
    ...inputs.slice(0, 3).map((like) => [like.shape.slice(-1), like.dtype] as const),
  ],
  ArgMax: argument,
  ArgMin: argument,
};

const groups: readonly (readonly [string, Rule])[] = [
  [
    "AddN BiasAdd Identity ZerosLike OnesLike StopGradient Softmax LogSoftmax Abs Ceil Cos Cumsum Elu Erf Erfc Exp " +
      "Expm1 Floor LeakyRelu Log Log1p LogicalNot Neg Reciprocal Relu Relu6 Round Rsqrt Selu Sigmoid Sign Sin " +
      "Softplus Sqrt Square Tanh ReverseV2",
    sameAsFirst,
  ],
  [
    "Add AddV2 Sub Mul Div RealDiv DivNoNan FloorDiv Mod FloorMod Minimum Maximum Pow SquaredDifference LogicalAnd " +
      "LogicalOr TanhGrad SigmoidGrad ReluGrad Relu6Grad EluGrad SeluGrad LeakyReluGrad RsqrtGrad",
    broadcasting,
  ],
  ["Equal NotEqual Greater GreaterEqual Less LessEqual", comparison],
  ["Sum Mean Max Min Prod All Any", reduction],
];

const rules = new Map<string, Rule>([
  ...Object.entries(named),
  ...groups.flatMap(([ops, rule]) => ops.split(" ").map((op) => [op, rule] as const)),
]);

function integers(tensor: Known): number[] {
  if (!tensor.values)
    throw new Error(
      "its shape or axis input is computed from values; it must be a constant or computed from shapes.",
    );
  return Array.from(tensor.values);
}
