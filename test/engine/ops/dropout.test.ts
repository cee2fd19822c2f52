import { expect, test } from "vitest";
import { compile, eager, type HostTensor, ops, type StepDefinition, tf } from "../../../src/engine";
import { randomness } from "../../../src/engine/randomness";

/** Two dropouts of ones: the loss is their weighted sum, so the gradient of `x` holds the masks. */
function definition(size: number, rate: number): StepDefinition {
  const ones: HostTensor = { shape: [size], data: new Float32Array(size).fill(1) };
  return {
    parameters: new Map([
      ["first", ones],
      ["second", ones],
    ]),
    groups: [{ names: ["first", "second"], rate: 1, decay: 0 }],
    optimizer: { kind: "sgd", clip: null },
    inputs: () => ({}),
    loss: ({ first, second }, _, random) =>
      tf.add(tf.sum(ops.dropout(first!, rate, random)), tf.sum(ops.dropout(second!, rate, random))),
    predict: () => ({}),
  };
}

function masks(make: typeof compile, size: number, rate: number, seed = 7): Float32Array[] {
  const step = make(definition(size, rate));
  const gradients = step.gradients({}, { seed });
  step.dispose();
  return [...gradients.values()].map(({ data }) => data);
}

for (const [way, make] of Object.entries({ eager, compile })) {
  for (const rate of [0.1, 0.5, 0.25])
    test(`drops a share of ${rate} and keeps the mean (${way})`, () => {
      const size = 100_001;
      const [mask] = masks(make, size, rate);
      const dropped = Math.round(rate * 65536) / 65536;
      const scale = Math.fround(1 / (1 - dropped));
      expect([...new Set(mask)].sort()).toEqual([0, scale]);
      const share = mask!.filter((factor) => factor === 0).length / size;
      // Five standard deviations of a binomial share.
      expect(Math.abs(share - dropped)).toBeLessThan(5 * Math.sqrt((rate * (1 - rate)) / size));
    });

  test(`draws independent masks within a step (${way})`, () => {
    const size = 100_000;
    const [first, second] = masks(make, size, 0.5);
    const both = first!.filter((factor, i) => factor > 0 && second![i]! > 0).length / size;
    expect(Math.abs(both - 0.25)).toBeLessThan(5 * Math.sqrt(0.1875 / size));
    const neighbours = first!.filter((factor, i) => factor > 0 && first![i + 1]! > 0).length / size;
    expect(Math.abs(neighbours - 0.25)).toBeLessThan(6 * Math.sqrt(0.1875 / size));
  });

  test(`is the identity at rate 0 (${way})`, () => {
    for (const mask of masks(make, 5, 0)) expect([...mask]).toEqual([1, 1, 1, 1, 1]);
  });
}

test("gives the same masks eagerly and compiled, at odd sizes too", () => {
  for (const size of [1, 2, 1001])
    expect(masks(compile, size, 0.3)).toEqual(masks(eager, size, 0.3));
  expect(masks(compile, 1001, 0.3, 8)).not.toEqual(masks(eager, 1001, 0.3, 7));
});

test("takes rates in [0, 1) only, and nothing is dropped in evaluation", () => {
  tf.tidy(() => {
    const x = tf.ones([3]);
    const random = randomness(tf.tensor1d([1, 2], "int32"));
    for (const rate of [-0.1, 1, Number.NaN])
      expect(() => ops.dropout(x, rate, random)).toThrow(/dropout rate/);
    expect(ops.dropout(x, 0.5, undefined)).toBe(x);
  });
});
