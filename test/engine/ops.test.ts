import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { afterAll, afterEach, expect, test, vi } from "vitest";
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
import { randomness } from "../../src/engine/randomness";
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

const apply: Readonly<Record<string, (t: Tensors) => Tensor>> = {
  linear: ({ x, weight, bias }) => ops.linear(x!, weight!, bias),
  layerNorm: ({ x, gamma, beta, residual }) =>
    ops.layerNorm(x!, gamma!, beta!, { epsilon: 1e-12, residual: residual ?? tf.zerosLike(x!) }),
  gelu: ({ x }) => ops.gelu(x!),
  attention: ({ query, key, value, starts, lengths }) => {
    const options = { heads: 2, rate: 0, random: undefined };
    return ops.attention(query!, key!, value!, { starts: starts!, lengths: lengths! }, options);
  },
  firstTokens: ({ states, starts }) => ops.firstTokens(states!, { starts: starts! }),
  meanTokens: ({ states, starts, lengths }) =>
    ops.meanTokens(states!, { starts: starts!, lengths: lengths! }),
  embedding: ({ table, ids }) => ops.embedding(table!, ids!),
  crossEntropy: ({ logits, labels }) => ops.crossEntropy(logits!, labels!),
  meanSquaredError: ({ predictions, targets }) => ops.meanSquaredError(predictions!, targets!),
  scatterAdd: ({ weight, indices, deltas }) => ops.scatterAdd(weight!, indices!, deltas!),
};

/** Which forms compute, kernels or TensorFlow's ops. */
const forms = vi.hoisted(() => ({ kernels: true }));

vi.mock("../../src/engine/tensorflow", async (original) => ({
  ...(await original<typeof import("../../src/engine/tensorflow")>()),
  get hasKernels() {
    return forms.kernels;
  },
}));

afterEach(() => {
  forms.kernels = true;
});

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
    inputs: () => specs,
    loss: (parameters, inputs) => {
      const slope = tf.tensor([...dy.data], [...dy.shape]);
      return tf.sum(tf.mul(apply[op]!({ ...parameters, ...inputs }), slope));
    },
    predict: (parameters, inputs) => ({ output: apply[op]!({ ...parameters, ...inputs }) }),
  };
}

const ways = [eager, compile].flatMap((make) =>
  [true, false].map((kernels) => {
    return { make, kernels, way: `${make.name}, ${kernels ? "kernels" : "composed"}` };
  }),
);

for (const { way, make, kernels } of ways)
  for (const [index, row] of (cases as unknown as Case[]).entries())
    test(`${row.op} (${way}, case ${index}) has PyTorch's value and gradients`, () => {
      forms.kernels = kernels;
      const step = make(definition(row));
      const feed = Object.fromEntries(
        Object.entries(row.inputs).map(([name, { data }]) => [
          name,
          row.integers.includes(name) ? Int32Array.from(data) : Float32Array.from(data),
        ]),
      );
      const { output } = step.evaluate(feed);
      expect(output!.shape).toEqual(row.output.shape);
      expect(largestDifference(output!, host(row.output))).toBeLessThan(2e-6);
      const gradients = step.gradients(feed, { seed: 1 });
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

test("attention and layer norm of shapes that do not fit say which they got", () => {
  tf.tidy(() => {
    const [two, three] = [tf.zeros([2, 4]), tf.zeros([3, 4])];
    const rows = { starts: tf.zeros([1], "int32"), lengths: tf.ones([1], "int32") };
    const options = { heads: 2, rate: 0, random: undefined };
    expect(() => ops.attention(two, three, three, rows, options)).toThrow(
      /query \[2,4\], key \[3,4\], value \[3,4\], 1 rows/,
    );
    expect(() => ops.attention(three, three, three, rows, { ...options, heads: 3 })).toThrow(
      /multiple of 3 heads/,
    );
    const norm = { epsilon: 1e-12, residual: three };
    expect(() => ops.layerNorm(two, tf.ones([4]), tf.zeros([4]), norm)).toThrow(
      /\[2,4\], \[4\] and \[3,4\]/,
    );
  });
});

test("a layer norm that drops out does so before it adds the residual", () => {
  tf.tidy(() => {
    const [x, residual] = [tf.randomNormal([20, 8]), tf.randomNormal([20, 8])] as [Tensor, Tensor];
    const [gamma, beta] = [tf.ones([8]), tf.zeros([8])];
    const random = () => randomness(tf.tensor1d([1, 2], "int32"));
    const whole = ops.layerNorm(x, gamma, beta, {
      epsilon: 1e-12,
      residual,
      rate: 0.5,
      random: random(),
    });
    const sum = tf.add(ops.dropout(x, 0.5, random()), residual);
    const none = tf.zerosLike(sum);
    const parts = ops.layerNorm(sum, gamma, beta, { epsilon: 1e-12, residual: none });
    expect(tf.max(tf.abs(tf.sub(whole, parts))).dataSync()[0]).toBeLessThan(1e-6);
  });
});
