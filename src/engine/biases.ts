import type { RecordedOp } from "./recorder";

/** Inputs of our kernels that may be products without their bias, each with the input that then takes the bias. */
const takers: Readonly<Record<string, readonly (readonly [product: number, bias: number])[]>> = {
  PeftlabGelu: [[0, 1]],
  PeftlabGeluGrad: [[1, 2]],
  PeftlabLayerNorm: [[0, 5]],
  PeftlabAttention: [
    [0, 6],
    [1, 7],
    [2, 8],
  ],
  PeftlabAttentionGrad: [
    [1, 9],
    [2, 10],
    [3, 11],
  ],
};

/**
 * Biases handed to the kernels that read the sums, where nothing else does: a kernel adds one on its way for nothing.
 * @param wanted tensors that are read from outside
 */
export function handOverBiases(
  ops: readonly RecordedOp[],
  wanted: readonly number[],
): readonly RecordedOp[] {
  const sums = new Map(
    ops.filter(({ op }) => op === "BiasAdd").map(({ inputs, outputs }) => [outputs[0]!, inputs]),
  );
  for (const id of wanted) sums.delete(id);
  for (const { op, inputs } of ops)
    for (const [place, id] of inputs.entries())
      if (!takers[op]?.some(([product]) => product === place)) sums.delete(id);
  return ops
    .filter(({ outputs }) => !sums.has(outputs[0]!))
    .map((recorded) => {
      const inputs = [...recorded.inputs];
      for (const [product, bias] of takers[recorded.op] ?? []) {
        const parts = sums.get(inputs[product]!);
        if (parts) [inputs[product], inputs[bias]] = parts as [number, number];
      }
      return { ...recorded, inputs };
    });
}
