import type { RecordedOp } from "./recorder";

/** The place among a product's inputs of what is added to it: `[0]` adds nothing. */
const addend = 2;

/**
 * Sums of a product and something of its shape, made by the product on its way where nothing else reads that: a pass
 * over both is saved. Biases of both are added afterwards, so that the reader of the sum may take one.
 * @param wanted tensors that are read from outside
 * @param shapeOf a tensor's shape
 */
export function handOverAddends(
  ops: readonly RecordedOp[],
  wanted: readonly number[],
  shapeOf: (id: number) => readonly number[],
): readonly RecordedOp[] {
  const made = new Set<RecordedOp>();
  const makers = new Map<number, RecordedOp>();
  const readers = new Map<number, number>();
  for (const id of [...wanted, ...ops.flatMap(({ inputs }) => inputs)])
    readers.set(id, (readers.get(id) ?? 0) + 1);
  const add = (op: RecordedOp) => {
    made.add(op);
    for (const id of op.outputs) makers.set(id, op);
  };
  /** The op that makes a tensor for one reader, if it is of this kind. */
  const only = (id: number, kind: string) => {
    const maker = makers.get(id);
    return maker?.op === kind && readers.get(id) === 1 ? maker : undefined;
  };
  /** The product that makes a tensor, where it can add another. */
  const product = (id: number, other: number) => {
    const maker = only(id, "PeftlabMatMul");
    const free = maker && shapeOf(maker.inputs[addend]!)[0] === 0;
    return free && String(shapeOf(id)) === String(shapeOf(other)) ? maker : undefined;
  };
  for (const op of ops) {
    const biased = op.inputs.map((id) => only(id, "BiasAdd"));
    const [first, second] = op.inputs.map((id, i) => biased[i]?.inputs[0] ?? id);
    // Of two products the later one adds the earlier one.
    const later = isSum(op) ? product(second!, first!) : undefined;
    const multiplied = isSum(op) ? (later ?? product(first!, second!)) : undefined;
    if (!multiplied) {
      add(op);
      continue;
    }
    // Every sum on the way takes the place of one that is no longer made.
    const biases = biased.filter((sum) => sum !== undefined);
    const outputs = [...biases.map((sum) => sum.outputs), op.outputs];
    for (const replaced of [multiplied, ...biases]) made.delete(replaced);
    const inputs = [...multiplied.inputs];
    inputs[addend] = (later ? first : second)!;
    add({ ...multiplied, inputs, outputs: outputs[0]! });
    for (const [i, sum] of biases.entries())
      add({ ...sum, inputs: [outputs[i]![0]!, sum.inputs[1]!], outputs: outputs[i + 1]! });
  }
  return [...made];
}

const isSum = ({ op }: RecordedOp) => op === "Add" || op === "AddV2";
