import { afterAll, expect, test } from "vitest";
import {
  compile,
  eager,
  type HostTensor,
  liveTensors,
  ops,
  type StepDefinition,
  type Tensors,
  tf,
} from "../../src/engine";
import cases from "../fixtures/engine/ops.json";
import { largestDifference } from "./agreement";

interface Case {
  readonly op: string;
  readonly parameters: Readonly<Record<string, Values>>;
  readonly inputs: Readonly<Record<string, Values>>;
  readonly integers: readonly string[];
  readonly output: Values;
  readonly dy: Values;
  readonly gradients: Readonly<Record<string, Values>>;
}

interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const apply: Readonly<Record<string, (t: Tensors) => import("@tensorflow/tfjs-node-gpu").Tensor>> =
  {
    linear: ({ x, weight, bias }) => ops.linear(x!, weight!, bias),
    layerNorm: ({ x, gamma, beta }) => ops.layerNorm(x!, gamma!, beta!, 1e-12),
    gelu: ({ x }) => ops.gelu(x!),
    attention: ({ query, key, value, mask }) => {
      const options = { heads: 2, rate: 0, random: undefined };
      return ops.attention(query!, key!, value!, ops.attentionBias(mask!), options);
    },
    embedding: ({ table, ids }) => ops.embedding(table!, ids!),
    crossEntropy: ({ logits, labels, weights }) => ops.crossEntropy(logits!, labels!, weights!),
    meanSquaredError: ({ predictions, targets, weights }) =>
      ops.meanSquaredError(predictions!, targets!, weights!),
    scatterAdd: ({ weight, indices, deltas }) => ops.scatterAdd(weight!, indices!, deltas!),
  };

const shape = { batch: 1, tokens: 1 };
const before = liveTensors();

afterAll(() => expect(liveTensors()).toBe(before));

function host({ shape, data }: Values): HostTensor {
  return { shape, data: Float32Array.from(data) };
}

/** A step whose loss has the gradient `dy` at the op's output, and which predicts that output. */
function definition({ op, parameters, inputs, integers, dy }: Case): StepDefinition {
  const specs = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => [
      name,
      { shape, dtype: integers.includes(name) ? "int32" : "float32" } as const,
    ]),
  );
  return {
    parameters: new Map(Object.entries(parameters).map(([name, value]) => [name, host(value)])),
    groups: [{ names: Object.keys(parameters), rate: 1, decay: 0 }],
    optimizer: { kind: "sgd", clip: null },
    shapes: { train: [shape], evaluate: [shape] },
    inputs: () => specs,
    loss: (parameters, inputs) => {
      const slope = tf.tensor([...dy.data], [...dy.shape]);
      return tf.sum(tf.mul(apply[op]!({ ...parameters, ...inputs }), slope));
    },
    predict: (parameters, inputs) => ({ output: apply[op]!({ ...parameters, ...inputs }) }),
  };
}

for (const [way, make] of Object.entries({ eager, compile }))
  for (const [index, row] of (cases as unknown as Case[]).entries())
    test(`${row.op} (${way}, case ${index}) has PyTorch's value and gradients`, () => {
      const step = make(definition(row));
      const feed = Object.fromEntries(
        Object.entries(row.inputs).map(([name, { data }]) => [
          name,
          row.integers.includes(name) ? Int32Array.from(data) : Float32Array.from(data),
        ]),
      );
      const { output } = step.evaluate(shape, feed);
      expect(output!.shape).toEqual(row.output.shape);
      expect(largestDifference(output!, host(row.output))).toBeLessThan(2e-6);
      const gradients = step.gradients(shape, feed, { seed: 1 });
      expect([...gradients.keys()]).toEqual(Object.keys(row.gradients));
      for (const [name, gradient] of gradients)
        expect(largestDifference(gradient, host(row.gradients[name]!)), name).toBeLessThan(2e-6);
      step.dispose();
    });

test("a linear map of the wrong width says which shapes it got", () => {
  tf.tidy(() => {
    expect(() => ops.linear(tf.zeros([2, 3]), tf.zeros([4, 5]))).toThrow(/\[2,3\] and \[4,5\]/);
  });
});
