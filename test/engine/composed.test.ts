import { afterEach, describe, expect, test, vi } from "vitest";
import {
  compile,
  eager,
  type Feed,
  type HostTensor,
  ops,
  type StepDefinition,
  tf,
} from "../../src/engine";
import { fused } from "../../src/engine/ops/fused";
import { expectAgreement, largestDifference } from "./agreement";
import { batch, stream, transformer, unlabelled } from "./small";

// A GPU has no kernels of ours: a step is then made of TensorFlow's ops alone.
const forms = vi.hoisted(() => ({ kernels: false }));

vi.mock("../../src/engine/tensorflow", async (original) => ({
  ...(await original<typeof import("../../src/engine/tensorflow")>()),
  get hasKernels() {
    return forms.kernels;
  },
}));

afterEach(() => {
  forms.kernels = false;
});

const batches = [batch(4, 1, 2), batch(3, 2), batch(7, 3, 5)];

/** Gives what `body` gives with the kernels and without. */
function both<Result>(body: () => Result): readonly [kernels: Result, composed: Result] {
  const [kernels, composed] = [true, false].map((kernels) => {
    forms.kernels = kernels;
    return body();
  });
  return [kernels!, composed!];
}

describe("without kernels, compiled and eager agree", () => {
  for (const mean of [false, true])
    for (const rate of [0, 0.1])
      test(`dropout ${rate}, ${mean ? "means" : "first tokens"}`, () => {
        const noGradient = (name: string) => name.endsWith("key.bias");
        expectAgreement(transformer({ rate, mean }), batches, { learningRate: 1e-3, noGradient });
      });
});

for (const make of [eager, compile])
  test(`training without kernels goes as with them (${make.name})`, () => {
    const [kernels, composed] = both(() => {
      const step = make(transformer({ rate: 0 }));
      const losses = Array.from({ length: 30 }, (_, i) =>
        step.train(batches[i % 3]!, { learningRate: 3e-3, seed: 1 }),
      );
      const { logits } = step.evaluate(unlabelled(batches[1]!));
      step.dispose();
      return { losses, logits: logits! };
    });
    for (const [i, loss] of composed.losses.entries())
      expect(Math.abs(kernels.losses[i]! / loss - 1), `step ${i}`).toBeLessThan(1e-3);
    expect(largestDifference(kernels.logits, composed.logits)).toBeLessThan(1e-3);
    expect(composed.losses.at(-1)).toBeLessThan(composed.losses[0]! / 2);
  });

test("without kernels, parameters share variables: what is written is read, and updates in one call are the same", () => {
  const definition = transformer({ rate: 0.1 });
  const [whole, part] = [compile(definition), compile(definition)];
  const updates = Array.from({ length: 18 }, (_, at) => {
    return { feed: batches[at % 3]!, learningRate: 1e-3, seed: 2 };
  });
  for (const [name, value] of part.state().parameters)
    expect(value, name).toEqual(definition.parameters.get(name));
  const losses = updates.map(({ feed, ...options }) => whole.train(feed, options));
  expect(part.trainMany(updates.slice(0, 5))).toEqual(losses.slice(0, 5));
  const resumed = compile(definition);
  resumed.restore(part.state());
  expect(resumed.trainMany(updates.slice(5))).toEqual(losses.slice(5));
  expect(resumed.state()).toEqual(whole.state());
  for (const step of [whole, part, resumed]) step.dispose();
});

describe("one AdamW of all parameters", () => {
  const next = stream(5);
  const random = (shape: readonly number[]): HostTensor => {
    const size = shape.reduce((product, d) => product * d, 1);
    return { shape, data: Float32Array.from({ length: size }, () => next() - 0.5) };
  };
  const shapes = { other: [9, 1], table: [3000, 24], wide: [300, 401], bias: [7], scalar: [] };
  const parameters = new Map(
    Object.entries(shapes).map(([name, shape]) => [name, random(shape)] as const),
  );
  /** Feeds tell the looked-up rows and the size of gradients. */
  const definition = (clip: number | null): StepDefinition => ({
    parameters,
    groups: [
      { names: ["bias", "table", "scalar"], rate: 2, decay: 0 },
      { names: ["wide", "other"], rate: 1, decay: 0.1 },
    ],
    optimizer: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip },
    inputs: () => ({
      ids: { shape: ["tokens"], dtype: "int32" },
      slopes: { shape: ["tokens", 24], dtype: "float32" },
      scale: { shape: [], dtype: "float32" },
    }),
    loss: (p, { ids, slopes, scale }) =>
      tf.addN([
        fused([ops.embedding(p.table!, ids!)], (x) => ({
          value: tf.sum(tf.mul(x, slopes!)),
          saved: [slopes!],
          gradient: (dy, [slopes]) => [tf.mul(slopes!, dy)],
        })),
        tf.mul(tf.sum(tf.square(p.wide!)), scale!),
        ...[p.other!, p.bias!, p.scalar!].map((x) => tf.sum(tf.mul(tf.add(x, 2), scale!))),
      ]),
    predict: () => ({}),
  });
  const feeds = [40, 1, 500].map((tokens): Feed => {
    const { data: slopes } = random([tokens * 24]);
    // Few of many ids, so that most are looked up again.
    const ids = Int32Array.from({ length: tokens }, () => 97 * Math.floor(next() * 31));
    return { ids, slopes, scale: Float32Array.of(0.1 + next()) };
  });

  for (const clip of [null, 1, 1e4])
    test(`does what TensorFlow's ops do, clip ${clip}`, () => {
      const [kernels, composed] = both(() => {
        const step = compile(definition(clip));
        for (let i = 0; i < 9; i++) step.train(feeds[i % 3]!, { learningRate: 1e-2, seed: 1 });
        const state = step.state();
        step.dispose();
        return state;
      });
      for (const [name, value] of [...composed.parameters, ...composed.slots]) {
        const own = kernels.parameters.get(name) ?? kernels.slots.get(name)!;
        expect(largestDifference(own, value), name).toBeLessThan(5e-6);
      }
    });

  test("takes gradients that are parameters, as they were before the step", () => {
    for (const size of [100, 200_000]) {
      const products: StepDefinition = {
        ...definition(null),
        parameters: new Map(["a", "b", "c"].map((name) => [name, random([size])] as const)),
        groups: [{ names: ["a", "b", "c"], rate: 1, decay: 0.1 }],
        inputs: () => ({}),
        // Slopes: the other, the other, itself.
        loss: ({ a, b, c }) =>
          fused([a!, b!, c!], (a, b, c) => ({
            value: tf.sum(tf.add(tf.mul(a, b), tf.mul(tf.square(c), 0.5))),
            saved: [b, a, c],
            gradient: (_, slopes) => [...slopes],
          })),
      };
      const [kernels, composed] = both(() => {
        const step = (forms.kernels ? compile : eager)(products);
        for (let i = 0; i < 3; i++) step.train({}, { learningRate: 0.1, seed: 1 });
        const { parameters } = step.state();
        step.dispose();
        return parameters;
      });
      for (const [name, value] of composed)
        expect(largestDifference(kernels.get(name)!, value), name).toBeLessThan(1e-5);
    }
  });

  test("refuses an id beyond its table", () => {
    forms.kernels = true;
    const step = compile(definition(null));
    const feed = { ...feeds[1]!, ids: Int32Array.of(3000) };
    expect(() => step.train(feed, { learningRate: 1e-3, seed: 1 })).toThrow(/3000|beyond/);
    step.dispose();
  });
});
