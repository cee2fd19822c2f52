import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { describe, expect, test } from "vitest";
import { compile, eager, type StepDefinition, tf } from "../../src/engine";
import { composedAttention } from "../../src/engine/ops/attention";
import { composedGelu } from "../../src/engine/ops/gelu";
import {
  attentionKernel,
  dropoutKernel,
  geluKernel,
  layerNormKernel,
} from "../../src/engine/ops/kernels";
import { composedLayerNorm } from "../../src/engine/ops/layer-norm";
import { apply, normal, rowsOf } from "./forms";
import { batch, transformer } from "./small";

type Form = (...xs: Tensor[]) => Tensor;

/** The kernel, the composed form, and the shapes that they take. */
const forms: Readonly<Record<string, () => readonly [Form, Form, number[][]]>> = {
  "attention of all tokens": () => {
    const rows = rowsOf([9, 16, 70]);
    const shape = [95, 16];
    return [
      (q, k, v) => attentionKernel(q!, k!, v!, rows, 2, undefined),
      (q, k, v) => composedAttention(q!, k!, v!, rows, 2, undefined),
      [shape, shape, shape],
    ];
  },
  "attention of first tokens": () => {
    const rows = rowsOf([9, 16, 70]);
    return [
      (q, k, v) => attentionKernel(q!, k!, v!, rows, 2, undefined),
      (q, k, v) => composedAttention(q!, k!, v!, rows, 2, undefined),
      [
        [3, 16],
        [95, 16],
        [95, 16],
      ],
    ];
  },
  "layer norm": () => [
    (x, r, gamma, beta) => layerNormKernel(x!, r!, gamma!, beta!, 1e-12, undefined),
    (x, r, gamma, beta) => composedLayerNorm(x!, r!, gamma!, beta!, 1e-12, undefined),
    [[20, 40], [20, 40], [40], [40]],
  ],
  GELU: () => [(x) => geluKernel(x!), (x) => composedGelu(x!), [[5, 30]]],
};

/** `x` with one of its values replaced. */
function spoiled(x: Tensor, at: number, value: number): Tensor {
  const data = x.dataSync().slice();
  data[at] = value;
  return tf.tensor(data, x.shape);
}

for (const [name, make] of Object.entries(forms))
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    test(`${name}: ${bad} is seen wherever TensorFlow's ops show it`, () => {
      tf.tidy(() => {
        const [kernel, composed, shapes] = make();
        const good = shapes.map((shape, i) => normal(shape, i + 1));
        good.forEach((input, i) => {
          const xs = good.map((x, j) =>
            i === j ? spoiled(x, Math.floor(0.6 * input.size), bad) : x,
          );
          const [actual, expected] = [kernel, composed].map((form) => {
            const { value, gradients } = apply(form, xs);
            return [value, ...gradients].map((tensor) => tensor.dataSync());
          });
          expect(
            actual!.some((values) => values.some((value) => !Number.isFinite(value))),
            `input ${i}`,
          ).toBe(true);
          for (const [j, values] of expected!.entries())
            for (const [at, value] of values.entries())
              if (!Number.isFinite(value) && Number.isFinite(actual![j]![at]))
                throw new Error(`Input ${i}: result ${j} is ${actual![j]![at]} at ${at}.`);
        });
      });
    });

test("attention with infinite scores is NaN, minus infinity too", () => {
  tf.tidy(() => {
    for (const length of [3, 16, 20])
      for (const bad of [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]) {
        const [q, v] = [tf.ones([length, 8]), tf.ones([length, 8])] as [Tensor, Tensor];
        const one = spoiled(tf.ones([length, 8]), 8, bad);
        for (const k of [tf.fill([length, 8], bad), tf.reverse(one, 1)]) {
          const out = attentionKernel(q, k, v, rowsOf([length]), 1, undefined);
          expect([...new Set(out.dataSync())]).toEqual([Number.NaN]);
        }
      }
  });
});

test("what dropout drops of NaN and infinity stays NaN", () => {
  tf.tidy(() => {
    const draw = { seed: tf.tensor1d([1, 2], "int32"), call: 0, dropped: 60_000 };
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const out = dropoutKernel(tf.fill([100], bad), draw).dataSync();
      expect(out.some((value) => Number.isFinite(value))).toBe(false);
    }
  });
});

for (const [way, make] of Object.entries({ eager, compile }))
  describe(way, () => {
    for (const clip of [1, null])
      test(`a gradient of NaN reaches parameters and loss, clip ${clip}`, () => {
        const definition = transformer({ rate: 0.1 });
        const step = make({
          ...definition,
          optimizer: { ...definition.optimizer, clip } as StepDefinition["optimizer"],
          // 0 for the loss, but with the slope ∞ - ∞.
          loss: (p, inputs, random) => {
            const spoil = tf.sub(tf.sqrt(p.delta!), tf.sqrt(p.delta!));
            return tf.add(definition.loss(p, inputs, random), tf.sum(spoil));
          },
          parameters: new Map(definition.parameters).set("delta", {
            shape: [5],
            data: new Float32Array(5),
          }),
        });
        const options = { learningRate: 1e-3, seed: 1 };
        expect(step.train(batch(4, 1), options)).toBeGreaterThan(0);
        expect(step.train(batch(4, 1), options)).toBeNaN();
        const { parameters } = step.state();
        const spoiled = (name: string) => parameters.get(name)!.data.every(Number.isNaN);
        expect(spoiled("delta")).toBe(true);
        // Clipping's norm is of all gradients.
        expect(spoiled("embedding")).toBe(clip !== null);
        step.dispose();
      });

    test("a row that is empty, beyond the tokens, or another's is refused by name", () => {
      const step = make(transformer({ rate: 0.1 }));
      const feed = batch(3, 2);
      const tokens = feed.ids!.length;
      const change = (name: "starts" | "lengths", row: number, value: number) => () =>
        step.train(
          { ...feed, [name]: Int32Array.from(feed[name]!, (old, i) => (i === row ? value : old)) },
          { learningRate: 1e-3, seed: 1 },
        );
      expect(change("lengths", 1, 0)).toThrow(/row 1 has 0 tokens from \d+ on/);
      expect(change("lengths", 2, -1)).toThrow(/row 2 has -1 tokens/);
      expect(change("starts", 0, -1)).toThrow(/row 0 has \d+ tokens from -1 on/);
      expect(change("lengths", 2, tokens)).toThrow(new RegExp(`row 2 .* of ${tokens};`));
      expect(change("lengths", 2, 2 ** 31 - 1)).toThrow(/row 2 has 2147483647 tokens/);
      expect(change("starts", 2, feed.starts![1]!)).toThrow(/none of another row/);
      expect(step.train(feed, { learningRate: 1e-3, seed: 1 })).toBeGreaterThan(0);
      step.dispose();
    });
  });
