import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { expect, test } from "vitest";
import { ops, type StepDefinition, tf } from "../../src/engine";
import { executeMany } from "../../src/engine/execute";
import { scoped } from "../../src/engine/memory";
import { StepGraph } from "../../src/engine/step-graph";
import { expectSameResults } from "./agreement";
import { stream } from "./small";

const next = stream(3);
const random = (shape: number[], size: number) => ({
  shape,
  data: Float32Array.from({ length: size }, () => next() - 0.5),
});

/** GELU of a linear map, and whatever else is made of the map's output. */
const definition = (besides: (y: Tensor) => Tensor[]): StepDefinition => ({
  parameters: new Map([
    ["weight", random([4, 3], 12)],
    ["bias", random([4], 4)],
  ]),
  groups: [{ names: ["weight", "bias"], rate: 1, decay: 0 }],
  optimizer: { kind: "sgd", clip: null },
  inputs: () => ({ x: { shape: [5, 3], dtype: "float32" } }),
  loss: (parameters, inputs) => tf.sum(outputOf(parameters, inputs, besides)),
  predict: (parameters, inputs) => ({ y: outputOf(parameters, inputs, besides) }),
});

function outputOf(
  { weight, bias }: Readonly<Record<string, Tensor>>,
  { x }: Readonly<Record<string, Tensor>>,
  besides: (y: Tensor) => Tensor[],
): Tensor {
  const y = ops.linear(x!, weight!, bias!);
  return tf.addN([ops.gelu(y), ...besides(y)]);
}

const feed = { x: random([5, 3], 15).data };

for (const [what, besides, sums] of [
  ["alone takes it over", () => [], 0],
  ["and an op do not", (y: Tensor) => [tf.square(y)], 2],
] as const)
  test(`a kernel that reads a biased product ${what}`, () => {
    const step = definition((y) => [...besides(y)]);
    const { graph } = scoped(() => new StepGraph(step));
    expect(graph.nodes().filter(({ op }) => op === "BiasAdd")).toHaveLength(sums);
    expectSameResults(step, feed);
  });

test("a bias of another width is refused", () => {
  const [x, bias] = [tf.ones([2, 4]), tf.ones([3])];
  const dropout = { call: 0, dropped: 0 };
  const seed = tf.tensor1d([0, 0], "int32");
  const places = [tf.tensor1d([0], "int32"), tf.tensor1d([2], "int32"), seed];
  const wide = tf.ones([4]);
  for (const [op, attributes, inputs, outputs] of [
    ["PeftlabGelu", {}, [x, bias], 1],
    ["PeftlabGeluGrad", {}, [x, x, bias], 2],
    ["PeftlabLayerNorm", { epsilon: { float: 1 }, ...dropout }, [x, x, wide, wide, seed, bias], 3],
    ["PeftlabAttention", { heads: 2, ...dropout }, [x, x, x, ...places, wide, bias, wide], 2],
  ] as const)
    expect(() => executeMany(op, attributes, [...inputs], outputs), op).toThrow("bias");
});
