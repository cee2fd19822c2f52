import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { executeMany, float } from "../execute";
import { tf } from "../tensorflow";
import type { Draw } from "./dropout";
import { fused } from "./fused";
import type { Rows } from "./rows";

// The engine's own kernels (src/engine/native) as ops with gradients, for the processor. Each computes what the
// composed form of its op does, in one pass; masks of dropout are drawn again for the gradient and never kept.

/** The kernels' settings for what is drawn; nothing is dropped without `draw`. */
function settings(draw: Draw | undefined) {
  return { call: draw?.call ?? 0, dropped: draw?.dropped ?? 0 };
}

function seedOf(draw: Draw | undefined): Tensor {
  return draw?.seed ?? tf.tensor1d([0, 0], "int32");
}

/** In the place of what may be added: `addends.ts` and `biases.ts` put it there. */
export const nothing = () => tf.tensor1d([], "float32");

export function dropoutKernel(x: Tensor, draw: Draw): Tensor {
  const apply = (x: Tensor, seed: Tensor) =>
    executeMany("PeftlabDropout", settings(draw), [x, seed], 1)[0]!;
  return fused([x], (x) => ({
    value: apply(x, draw.seed),
    saved: [draw.seed],
    gradient: (dy, [seed]) => [apply(dy, seed!)],
  }));
}

export function geluKernel(x: Tensor): Tensor {
  return fused([x], (x) => ({
    value: executeMany("PeftlabGelu", {}, [x, nothing()], 1)[0]!,
    saved: [x],
    gradient: (dy, [x]) => executeMany("PeftlabGeluGrad", {}, [dy, x!, nothing()], 2).slice(0, 1),
  }));
}

export function layerNormKernel(
  x: Tensor,
  residual: Tensor,
  gamma: Tensor,
  beta: Tensor,
  epsilon: number,
  draw: Draw | undefined,
): Tensor {
  return fused([x, residual, gamma, beta], (x, residual, gamma, beta) => {
    const seed = seedOf(draw);
    const [value, normalised, scale] = executeMany(
      "PeftlabLayerNorm",
      { epsilon: float(epsilon), ...settings(draw) },
      [x, residual, gamma, beta, seed, nothing()],
      3,
    ) as [Tensor, Tensor, Tensor];
    return {
      value,
      saved: [normalised, scale, gamma, seed],
      gradient(dy, saved) {
        const [sum, own, dGamma, dBeta] = executeMany(
          "PeftlabLayerNormGrad",
          settings(draw),
          [dy, ...saved],
          5,
        ) as [Tensor, Tensor, Tensor, Tensor, Tensor];
        return [draw ? own : sum, sum, dGamma, dBeta];
      },
    };
  });
}

export function attentionKernel(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  rows: Rows,
  heads: number,
  draw: Draw | undefined,
): Tensor {
  return fused([query, key, value], (query, key, value) => {
    const attributes = { heads, ...settings(draw) };
    const places = [rows.starts, rows.lengths, seedOf(draw)];
    const inputs = [query, key, value];
    const biases = () => [nothing(), nothing(), nothing()];
    const [out, sums] = executeMany(
      "PeftlabAttention",
      attributes,
      [...inputs, ...places, ...biases()],
      2,
    ) as [Tensor, Tensor];
    return {
      value: out,
      saved: [...inputs, out, sums, ...places],
      gradient: (dy, saved) =>
        executeMany("PeftlabAttentionGrad", attributes, [dy, ...saved, ...biases()], 6).slice(0, 3),
    };
  });
}
