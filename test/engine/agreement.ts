import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { expect } from "vitest";
import {
  compile,
  eager,
  type Feed,
  type HostTensor,
  type Step,
  type StepDefinition,
} from "../../src/engine";
import { type Applied, toHost } from "./forms";

/** Largest difference of two tensors, as a share of the second's largest entry. */
export function largestDifference(a: HostTensor, b: HostTensor): number {
  expect(a.shape).toEqual(b.shape);
  let [difference, largest] = [0, 0];
  b.data.forEach((value, i) => {
    difference = Math.max(difference, Math.abs(value - a.data[i]!));
    largest = Math.max(largest, Math.abs(value));
  });
  return difference === 0 ? 0 : difference / largest;
}

/** Holds value and gradients within `tolerance` of each one's largest entry. */
export function expectSame(actual: Applied, expected: Applied, tolerance: number): void {
  const pairs = { value: [actual.value, expected.value] } as Record<string, [Tensor, Tensor]>;
  expected.gradients.forEach((gradient, i) => {
    pairs[`gradient ${i}`] = [actual.gradients[i]!, gradient];
  });
  for (const [name, [a, b]] of Object.entries(pairs))
    expect(largestDifference(toHost(a), toHost(b)), name).toBeLessThan(tolerance);
}

/**
 * Holds `compile` and `eager` together on one definition: gradients of the first step within 1e-5 of each tensor's
 * largest entry, losses over ten AdamW steps within 1e-4 relative, weights after ten SGD steps within 1e-5.
 * (Not weights after Adam, which turns a gradient that is zero but for rounding, as the key bias's, into steps.)
 * @param batches feeds of training batches, taken in turn
 * @param options.noGradient parameters whose gradient is zero but for rounding: it is compared with the largest of all
 */
export function expectAgreement(
  definition: StepDefinition,
  batches: readonly Feed[],
  options: { learningRate: number; noGradient?: (name: string) => boolean },
): void {
  const { learningRate, noGradient = () => false } = options;
  const adamw = { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: 1 } as const;
  withBoth({ ...definition, optimizer: adamw }, (op, graph) => {
    const expected = op.gradients(batches[0]!, { seed: 7 });
    const gradients = graph.gradients(batches[0]!, { seed: 7 });
    expect([...gradients.keys()]).toEqual([...expected.keys()]);
    const largest = Math.max(...[...expected.values()].map(largestEntry));
    for (const [name, gradient] of expected)
      if (noGradient(name)) {
        expect(largestEntry(gradient), name).toBeLessThan(1e-5 * largest);
        expect(largestEntry(gradients.get(name)!), name).toBeLessThan(1e-5 * largest);
      } else expect(largestDifference(gradients.get(name)!, gradient), name).toBeLessThan(1e-5);
    for (let i = 0; i < 10; i++) {
      const feed = batches[i % batches.length]!;
      const loss = op.train(feed, { learningRate, seed: 7 });
      const difference = graph.train(feed, { learningRate, seed: 7 }) - loss;
      expect(Math.abs(difference), `loss of AdamW step ${i}`).toBeLessThan(1e-4 * Math.abs(loss));
    }
  });
  withBoth({ ...definition, optimizer: { kind: "sgd", clip: 1 } }, (op, graph) => {
    for (let i = 0; i < 10; i++) {
      const feed = batches[i % batches.length]!;
      op.train(feed, { learningRate, seed: 7 });
      graph.train(feed, { learningRate, seed: 7 });
    }
    const weights = graph.state().parameters;
    for (const [name, expected] of op.state().parameters)
      expect(absoluteDifference(weights.get(name)!, expected), name).toBeLessThan(1e-5);
  });
}

/** Holds `compile` and `eager` together on one batch: outputs and gradients within 1e-6 of each one's largest entry. */
export function expectSameResults(definition: StepDefinition, feed: Feed): void {
  withBoth(definition, (op, graph) => {
    const [actual, outputs] = [graph.evaluate(feed), op.evaluate(feed)];
    expect(Object.keys(actual)).toEqual(Object.keys(outputs));
    for (const [name, output] of Object.entries(outputs))
      expect(largestDifference(actual[name]!, output), name).toBeLessThan(1e-6);
    const gradients = op.gradients(feed, { seed: 1 });
    for (const [name, gradient] of graph.gradients(feed, { seed: 1 }))
      expect(largestDifference(gradient, gradients.get(name)!), name).toBeLessThan(1e-6);
  });
}

function withBoth(definition: StepDefinition, body: (op: Step, graph: Step) => void): void {
  const steps = [eager(definition), compile(definition)] as const;
  try {
    body(...steps);
  } finally {
    for (const step of steps) step.dispose();
  }
}

function largestEntry({ data }: HostTensor): number {
  return data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}

function absoluteDifference(a: HostTensor, b: HostTensor): number {
  return b.data.reduce((worst, value, i) => Math.max(worst, Math.abs(value - a.data[i]!)), 0);
}
