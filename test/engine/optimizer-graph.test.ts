import { expect, test } from "vitest";
import { compile, eager, type HostTensor, type StepDefinition, tf } from "../../src/engine";
import runs from "../fixtures/engine/adamw.json";
import { largestDifference } from "./agreement";

interface Values {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

function host({ shape, data }: Values): HostTensor {
  return { shape, data: Float32Array.from(data) };
}

/** Two groups; the loss is the sum of each parameter times a slope that is fed. */
function definition(run: (typeof runs)[number]): StepDefinition {
  const start = Object.entries(run.start);
  return {
    parameters: new Map(start.map(([name, value]) => [name, host(value)])),
    groups: [
      { names: ["decayed"], rate: run.factors[0]!, decay: run.decay },
      { names: ["plain"], rate: run.factors[1]!, decay: 0 },
    ],
    optimizer: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: run.clip },
    inputs: () =>
      Object.fromEntries(
        start.map(([name, { shape }]) => [name, { shape, dtype: "float32" as const }]),
      ),
    loss: ({ decayed, plain }, slopes) =>
      tf.add(tf.sum(tf.mul(decayed!, slopes.decayed!)), tf.sum(tf.mul(plain!, slopes.plain!))),
    predict: () => ({}),
  };
}

for (const [way, make] of Object.entries({ eager, compile }))
  for (const run of runs)
    test(`AdamW with clip ${run.clip} follows PyTorch's for ten steps (${way})`, () => {
      const step = make(definition(run));
      for (const [i, slopes] of run.slopes.entries()) {
        const feed = Object.fromEntries(
          Object.entries(slopes).map(([name, value]) => [name, host(value).data]),
        );
        step.train(feed, { learningRate: run.rates[i]!, seed: 1 });
        const { parameters } = step.state();
        for (const [name, value] of Object.entries(run.trajectory[i]!))
          expect(largestDifference(parameters.get(name)!, host(value)), name).toBeLessThan(1e-6);
      }
      step.dispose();
    });

test("SGD decays by the learning rate times the decay, before the step", () => {
  const [run] = runs;
  for (const make of [eager, compile]) {
    const step = make({ ...definition(run!), optimizer: { kind: "sgd", clip: null } });
    const slopes = run!.slopes[0]!;
    const feed = { decayed: host(slopes.decayed).data, plain: host(slopes.plain).data };
    step.train(feed, { learningRate: 0.5, seed: 1 });
    const expected = run!.start.decayed.data.map(
      (value, i) => value * (1 - 0.5 * run!.decay) - 0.5 * slopes.decayed.data[i]!,
    );
    const { data } = step.state().parameters.get("decayed")!;
    for (const [i, value] of expected.entries()) expect(data[i]).toBeCloseTo(value, 5);
    step.dispose();
  }
});
