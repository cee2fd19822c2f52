import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { expect, test } from "vitest";
import { ops, type StepDefinition, tf } from "../../src/engine";
import { scoped } from "../../src/engine/memory";
import { StepGraph } from "../../src/engine/step-graph";
import { expectSameResults } from "./agreement";
import { stream } from "./small";

const next = stream(5);
const random = (shape: number[], size: number) => ({
  shape,
  data: Float32Array.from({ length: size }, () => next() - 0.5),
});

type Parameters = Readonly<Record<string, Tensor>>;

const definition = (of: (x: Tensor, parameters: Parameters) => Tensor): StepDefinition => ({
  parameters: new Map([
    ["a", random([3, 3], 9)],
    ["b", random([3, 3], 9)],
    ["bias", random([3], 3)],
    ["bias2", random([3], 3)],
  ]),
  groups: [{ names: ["a", "b", "bias", "bias2"], rate: 1, decay: 0 }],
  optimizer: { kind: "sgd", clip: null },
  inputs: () => ({ x: { shape: [5, 3], dtype: "float32" } }),
  // Every parameter must count.
  loss: (parameters, { x }) =>
    tf.addN([tf.square(of(x!, parameters)), ...Object.values(parameters)].map((y) => tf.sum(y))),
  predict: (parameters, { x }) => ({ y: of(x!, parameters) }),
});

const feed = { x: random([5, 3], 15).data };

/** Sums of a product, how many of them are ops of their own, and how many sums with a bias. */
const cases: Record<string, [(x: Tensor, p: Parameters) => Tensor, sums: number, biased: number]> =
  {
    "two products": [(x, { a, b }) => tf.add(ops.linear(x, a!), ops.linear(x, b!)), 0, 0],
    "a product and what it is made of": [(x, { a }) => tf.add(x, ops.linear(x, a!)), 0, 0],
    "a product that something else reads, and another": [
      (x, { a, b }) => {
        const y = ops.linear(x, a!);
        return tf.mul(tf.add(y, ops.linear(y, b!)), y);
      },
      0,
      0,
    ],
    "a product twice": [
      (x, { a }) => {
        const y = ops.linear(x, a!);
        return tf.add(y, y);
      },
      1,
      0,
    ],
    "three products": [
      (x, { a, b }) =>
        tf.add(tf.add(ops.linear(x, a!), ops.linear(x, b!)), ops.linear(tf.square(x), a!)),
      0,
      0,
    ],
    "two products, each with a bias": [
      (x, { a, b, bias, bias2 }) => tf.add(ops.linear(x, a!, bias!), ops.linear(x, b!, bias2!)),
      0,
      2,
    ],
    "a biased product and three others": [
      (x, { a, b, bias }) => {
        const others = [x, tf.square(x), tf.sin(x)].map((x) => ops.linear(x, b!));
        return others.reduce((sum, other) => tf.add(sum, other), ops.linear(x, a!, bias!));
      },
      0,
      1,
    ],
    "a product and a row": [(x, { a, bias }) => tf.add(ops.linear(x, a!), bias!), 1, 0],
    "a product and a number": [(x, { a }) => tf.add(ops.linear(x, a!), 1), 1, 0],
    "a biased product and its own product": [
      (x, { a, b, bias }) => {
        const y = ops.linear(x, a!, bias!);
        return tf.add(y, ops.linear(y, b!));
      },
      0,
      1,
    ],
  };

for (const [what, [of, sums, biased]] of Object.entries(cases))
  test(`the sum of ${what}`, () => {
    const step = definition(of);
    const { graph } = scoped(() => new StepGraph(step));
    const nodes = graph.nodes().filter(({ name }) => name.startsWith("evaluate/"));
    const count = (...names: string[]) => nodes.filter(({ op }) => names.includes(op)).length;
    expect(count("Add", "AddV2")).toBe(sums);
    expect(count("BiasAdd")).toBe(biased);
    expectSameResults(step, feed);
  });
