/**
 * Which outputs of a kernel have their sums over rows as another output: they are the gradients of a linear map's
 * output, whose sums are its bias's gradient, and a pass of its own over them is saved.
 * @returns pairs of outputs: the gradient, its sums
 */
export function columnSums(
  op: string,
  attributes: Readonly<Record<string, unknown>>,
): readonly (readonly [number, number])[] {
  if (op === "PeftlabGeluGrad") return [[0, 1]];
  // Without dropout the input's gradient is the residual's.
  if (op === "PeftlabLayerNormGrad") return [[attributes.dropped === 0 ? 0 : 1, 4]];
  if (op === "PeftlabAttentionGrad") {
    return [
      [0, 3],
      [1, 4],
      [2, 5],
    ];
  }
  return [];
}
