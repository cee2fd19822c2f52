import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { describe, expect, test } from "vitest";
import { tf } from "../../src/engine";
import { composedAttention } from "../../src/engine/ops/attention";
import { composedDropout, type Draw } from "../../src/engine/ops/dropout";
import { composedGelu } from "../../src/engine/ops/gelu";
import {
  attentionKernel,
  dropoutKernel,
  geluKernel,
  layerNormKernel,
} from "../../src/engine/ops/kernels";
import { composedLayerNorm } from "../../src/engine/ops/layer-norm";
import { expectSame } from "./agreement";
import { type Applied, apply, normal, rowsOf, toHost } from "./forms";

const draw = (seed = 3, step = 5, call = 2, rate = 0.25): Draw => ({
  seed: tf.tensor1d([seed, step], "int32"),
  call,
  dropped: Math.round(rate * 65536),
});

describe("attention", () => {
  /** Every length around the blocks of 16 keys and 64 queries. */
  const lengths = [1, 2, 15, 16, 17, 31, 63, 64, 65, 128, 129, 200];
  const shapes = [
    { heads: 2, width: 8 },
    { heads: 5, width: 32 },
    { heads: 3, width: 64 },
    { heads: 4, width: 5 },
    { heads: 1, width: 20 },
    { heads: 1, width: 33 },
  ];
  const inputs = (queries: number, tokens: number, hidden: number) => [
    normal([queries, hidden], 1),
    normal([tokens, hidden], 2),
    normal([tokens, hidden], 3),
  ];

  for (const { heads, width } of shapes)
    for (const asking of ["all tokens", "first tokens"])
      test(`${heads} heads ${width} wide, ${asking}: the forms agree`, () => {
        tf.tidy(() => {
          const rows = rowsOf(lengths);
          const tokens = rows.tokens + 7;
          const queries = asking === "all tokens" ? tokens : lengths.length;
          const xs = inputs(queries, tokens, heads * width);
          const [kernel, composed] = [attentionKernel, composedAttention].map((form) =>
            apply((q, k, v) => form(q!, k!, v!, rows, heads, undefined), xs),
          );
          expectSame(kernel!, composed!, 3e-6);
          if (asking === "all tokens")
            expect(tf.max(tf.abs(tf.slice(kernel!.value, rows.tokens))).dataSync()[0]).toBe(0);
        });
      });

  test("rows stand in any order, with tokens of no row between", () => {
    tf.tidy(() => {
      const [starts, lengths] = [
        [40, 3, 20],
        [9, 17, 1],
      ].map((values) => tf.tensor1d(values, "int32"));
      const rows = { starts: starts!, lengths: lengths! };
      const [kernel, composed] = [attentionKernel, composedAttention].map((form) =>
        apply((q, k, v) => form(q!, k!, v!, rows, 2, undefined), inputs(50, 50, 12)),
      );
      expectSame(kernel!, composed!, 3e-6);
    });
  });

  test("scores beyond what an exponential holds, and beyond 1e30, are no trouble", () => {
    tf.tidy(() => {
      // Fewer keys than a block of 16: what fills it must not be taken for one.
      for (const length of [5, 16, 70])
        for (const scale of [30, -30, 1e17, -1e17]) {
          const [q, k, v] = inputs(length, length, 16) as [Tensor, Tensor, Tensor];
          const [large, all] = [tf.mul(tf.abs(q), scale), tf.mul(tf.abs(k), Math.abs(scale))];
          const xs = [large, all, v] as [Tensor, Tensor, Tensor];
          const value = attentionKernel(...xs, rowsOf([length]), 2, undefined);
          const masks = [1, 2].map(() => tf.ones([length, length]));
          const expected = { value: masked(xs, masks), gradients: [] };
          expectSame({ value, gradients: [] }, expected, 1e-3);
        }
    });
  });

  /** The factors of the probabilities `[queries, keys]` of a row's head: what one-hot values let through. */
  function maskOf(q: Tensor, k: Tensor, length: number, heads: number, of: Draw): Tensor[] {
    const rows = rowsOf([length]);
    const width = q.shape[1]! / heads;
    const columns: Tensor[][] = Array.from({ length: heads }, () => []);
    for (let from = 0; from < length; from += width) {
      const hot = tf.tensor2d(
        Array.from({ length }, (_, key) =>
          Array.from({ length: heads * width }, (_, at) => Number(key === from + (at % width))),
        ),
      );
      const [kept, all] = [of, undefined].map((draw) =>
        attentionKernel(q, k, hot, rows, heads, draw),
      );
      const size = Math.min(width, length - from);
      for (let head = 0; head < heads; head++)
        columns[head]!.push(
          tf.slice(tf.div(kept!, all!), [0, head * width], [q.shape[0]!, size]) as Tensor,
        );
    }
    return columns.map((parts) => tf.concat(parts, 1));
  }

  /** One row's attention with given masks, by TensorFlow.js and its gradients. */
  function masked([q, k, v]: readonly Tensor[], masks: readonly Tensor[]): Tensor {
    const width = q!.shape[1]! / masks.length;
    const heads = masks.map((mask, head) => {
      const [query, key, value] = [q, k, v].map((x) =>
        tf.slice(x!, [0, head * width], [-1, width]),
      );
      const scores = tf.mul(tf.matMul(query!, key!, false, true), 1 / Math.sqrt(width));
      return tf.matMul(tf.mul(tf.softmax(scores), mask) as Tensor, value!);
    });
    return tf.concat(heads, 1);
  }

  for (const [length, heads, width] of [
    [9, 2, 5],
    [70, 3, 8],
    [130, 1, 64],
  ] as const)
    for (const asking of ["all tokens", "first tokens"])
      test(`drops probabilities, ${length} tokens, ${asking}: gradients follow the mask`, () => {
        tf.tidy(() => {
          const queries = asking === "all tokens" ? length : 1;
          const xs = inputs(queries, length, heads * width);
          // Alike queries and keys, so that no probability is too small to tell its factor.
          const [q, k] = xs.slice(0, 2).map((x) => tf.mul(x, 0.1)) as [Tensor, Tensor];
          const masks = maskOf(q, k, length, heads, draw());
          const rows = rowsOf([length]);
          const kernel = apply((q, k, v) => attentionKernel(q!, k!, v!, rows, heads, draw()), xs);
          expectSame(
            kernel,
            apply((...xs) => masked(xs, masks), xs),
            5e-6,
          );
        });
      });

  test("drops at the rate, anew for each row, head, query, call, step and seed", () => {
    tf.tidy(() => {
      const [length, heads] = [96, 2];
      const [q, k] = inputs(length, length, heads * 96).map((x) => tf.mul(x, 0.1)) as Tensor[];
      const factors = (of: Draw) => maskOf(q!, k!, length, heads, of).map((m) => m.dataSync());
      const masks = [draw(), draw(4), draw(3, 6), draw(3, 5, 3)].flatMap(factors);
      for (const mask of masks) expectRate(mask, 0.25);
      // A mask against the others, and against itself one query later.
      const [first, ...others] = masks;
      for (const other of [...others, first!.subarray(length)]) expectIndependent(first!, other);
      expect(factors(draw()).map((m) => m.join())).toEqual(masks.slice(0, 2).map((m) => m.join()));
    });
  });

  test("two rows of the same tokens have masks of their own", () => {
    tf.tidy(() => {
      const x = normal([10, 8], 1);
      const twice = tf.concat([x, x]);
      const out = attentionKernel(twice, twice, twice, rowsOf([10, 10]), 2, draw());
      const [a, b] = tf.split(out, 2) as [Tensor, Tensor];
      expect(toHost(a)).not.toEqual(toHost(b));
    });
  });
});

describe("layer norm", () => {
  for (const width of [1, 7, 16, 128, 384])
    test(`${width} wide: the forms agree`, () => {
      tf.tidy(() => {
        const xs = [[50, width], [50, width], [width], [width]].map(normal);
        const [kernel, composed] = [layerNormKernel, composedLayerNorm].map((form) =>
          apply((x, r, gamma, beta) => form(x!, r!, gamma!, beta!, 1e-5, undefined), xs),
        );
        // One wide, x's gradients are zero but for rounding.
        expectSame(
          width > 1 ? kernel! : withoutInputs(kernel!),
          width > 1 ? composed! : withoutInputs(composed!),
          5e-6,
        );
      });
    });

  test("drops x as dropout does, in the gradient too", () => {
    tf.tidy(() => {
      const xs = [[40, 200], [40, 200], [200], [200]].map(normal);
      const mask = dropoutKernel(tf.ones([40, 200]), draw());
      const kernel = apply((x, r, g, b) => layerNormKernel(x!, r!, g!, b!, 1e-12, draw()), xs);
      const expected = apply(
        (x, r, g, b) => composedLayerNorm(tf.mul(x!, mask), r!, g!, b!, 1e-12, undefined),
        xs,
      );
      expectSame(kernel, expected, 5e-6);
    });
  });

  function withoutInputs({ value, gradients }: Applied): Applied {
    return { value, gradients: gradients.slice(2) };
  }
});

test("GELU: the forms agree, far out too", () => {
  tf.tidy(() => {
    for (const x of [tf.linspace(-40, 40, 20_011), normal([33, 65], 1), tf.zeros([1])]) {
      const [kernel, composed] = [geluKernel, composedGelu].map((form) =>
        apply((x) => form(x!), [x]),
      );
      expectSame(kernel!, composed!, 1e-6);
    }
  });
});

describe("dropout", () => {
  test("gives the gradient the mask that it gave the value", () => {
    tf.tidy(() => {
      for (const shape of [[3], [70, 129], [5, 6, 7]])
        for (const form of [dropoutKernel, composedDropout]) {
          const x = normal(shape, 1);
          const mask = form(tf.ones(shape), draw());
          expectSame(
            apply((x) => form(x!, draw()), [x]),
            apply((x) => tf.mul(x!, mask), [x]),
            1e-7,
          );
        }
    });
  });

  test("draws anew for each row, call, step and seed, at the rate", () => {
    tf.tidy(() => {
      const shape = [200, 300];
      const of = (d: Draw) => dropoutKernel(tf.ones(shape), d).dataSync() as Float32Array;
      const masks = [draw(), draw(4), draw(3, 6), draw(3, 5, 3), draw(5, 3)].map(of);
      for (const mask of masks) expectRate(mask, 0.25);
      const [first, ...others] = masks;
      for (const other of [...others, first!.subarray(300), first!.subarray(128)])
        expectIndependent(first!, other);
      expect(of(draw())).toEqual(first);
    });
  });
});

/** Five standard deviations of a binomial share. */
function expectShare(mask: ArrayLike<number>, holds: (at: number) => boolean, share: number) {
  let count = 0;
  for (let i = 0; i < mask.length; i++) if (holds(i)) count++;
  const deviation = Math.sqrt((share * (1 - share)) / mask.length);
  expect(Math.abs(count / mask.length - share)).toBeLessThan(5 * deviation);
}

function expectRate(mask: ArrayLike<number>, rate: number): void {
  expectShare(mask, (i) => mask[i] === 0, rate);
  for (let i = 0; i < mask.length; i++)
    if (mask[i] !== 0 && Math.abs(mask[i]! * (1 - rate) - 1) > 1e-4)
      throw new Error(`The factor ${mask[i]} is neither 0 nor ${1 / (1 - rate)}.`);
}

function expectIndependent(a: ArrayLike<number>, b: ArrayLike<number>): void {
  const short = a.length < b.length ? a : b;
  expectShare(short, (i) => a[i] === 0 && b[i] === 0, 0.0625);
}
