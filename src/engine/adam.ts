/**
 * AdamW's bias corrections in the step number `count` (from 1), for TensorFlow's fused update fed with powers of β of 0,
 * p -= rate m / (√v + ε): the learning rate is multiplied by `factor`, ε replaced by `epsilon`.
 */
export function adamCorrections(
  optimizer: { beta1: number; beta2: number; epsilon: number },
  count: number,
): { factor: number; epsilon: number } {
  const { beta1, beta2 } = optimizer;
  // PyTorch: p -= lr / (1 - β₁ᵗ) m / (√v / √(1 - β₂ᵗ) + ε), multiplied out. The fused update takes 1 - β from
  // the float32 β, which is wrong in the fifth digit for 0.999; the averages differ by these constant factors.
  const excess1 = (1 - Math.fround(beta1)) / (1 - beta1);
  const excess2 = (1 - Math.fround(beta2)) / (1 - beta2);
  const root = Math.sqrt((1 - beta2 ** count) * excess2);
  return { factor: root / ((1 - beta1 ** count) * excess1), epsilon: optimizer.epsilon * root };
}
