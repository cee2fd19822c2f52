import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { ops, sizeOf, type Tensors } from "../engine";
import { type BlockSite, type EncoderConfig, layerNames } from "../models";
import type { NewParameter } from "./method";

/** `[rows, d]` -> `[rows, d]`: W_up f(W_down x + b_down) + b_up, without residual. */
export function bottleneck(
  x: Tensor,
  name: string,
  parameters: Tensors,
  activation: (x: Tensor) => Tensor,
): Tensor {
  const linear = (part: "down" | "up", input: Tensor) =>
    ops.linear(input, parameters[`${name}.${part}.weight`]!, parameters[`${name}.${part}.bias`]!);
  return linear("up", activation(linear("down", x)));
}

/** Where a sub-layer's adapter hangs: `bert.encoder.layer.0.output.adapter`. */
export const adapterName = (layer: number, site: BlockSite): string =>
  layerNames(layer)[site].replace(/\.dense$/, ".adapter");

/** The parameters of one adapter: 2 m d + m + d numbers. Biases start at 0 and do not decay. */
export function adapterParameters(
  name: string,
  { hiddenSize: d }: EncoderConfig,
  size: number,
  weight: (random: { uniform(): number; normal(): number }) => number,
): NewParameter[] {
  const matrix = (part: string, shape: readonly number[]): NewParameter => ({
    name: `${name}.${part}.weight`,
    shape,
    initial: (random) => Float32Array.from({ length: sizeOf(shape) }, () => weight(random)),
    decays: true,
  });
  const bias = (part: string, length: number): NewParameter => ({
    name: `${name}.${part}.bias`,
    shape: [length],
    initial: () => new Float32Array(length),
    decays: false,
  });
  return [matrix("down", [size, d]), bias("down", size), matrix("up", [d, size]), bias("up", d)];
}
