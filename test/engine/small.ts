import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  type Feed,
  type HostTensor,
  ops,
  type Randomness,
  type StepDefinition,
  type Tensors,
  tf,
} from "../../src/engine";

const [vocabulary, hidden, inner, heads, layers, classes] = [50, 16, 32, 2, 2, 3];

/** A repeatable stream of numbers in [0, 1). */
export function stream(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * A transformer of two layers that classifies the first token of each row, or the mean of its tokens, with every op of
 * the engine in it.
 */
export function transformer(options: {
  rate: number;
  mean?: boolean;
  trains?: (name: string) => boolean;
}) {
  const next = stream(1);
  const parameters = new Map<string, HostTensor>();
  const add = (name: string, shape: readonly number[], centre = 0) => {
    const size = shape.reduce((product, d) => product * d, 1);
    const data = Float32Array.from({ length: size }, () => centre + (next() - 0.5) * 0.4);
    parameters.set(name, { shape, data });
  };
  const addLinear = (name: string, out: number, width: number) => {
    add(`${name}.weight`, [out, width]);
    add(`${name}.bias`, [out]);
  };
  add("embedding", [vocabulary, hidden]);
  add("norm.gamma", [hidden], 1);
  add("norm.beta", [hidden]);
  for (let layer = 0; layer < layers; layer++) {
    for (const name of ["query", "key", "value"]) addLinear(`${layer}.${name}`, hidden, hidden);
    addLinear(`${layer}.inner`, inner, hidden);
    addLinear(`${layer}.outer`, hidden, inner);
  }
  addLinear("classifier", classes, hidden);
  add("delta", [5]);

  const forward = (p: Tensors, inputs: Tensors, random?: Randomness): Tensor => {
    const { rate } = options;
    const rows = { starts: inputs.starts!, lengths: inputs.lengths! };
    const linear = (x: Tensor, name: string, weight = p[`${name}.weight`]!) =>
      ops.linear(x, weight, p[`${name}.bias`]!);
    const norm = (x: Tensor, residual?: Tensor) =>
      ops.layerNorm(x, p["norm.gamma"]!, p["norm.beta"]!, {
        epsilon: 1e-12,
        ...(residual ? { residual, rate, random } : { residual: tf.zerosLike(x) }),
      });
    let x = ops.dropout(norm(ops.embedding(p.embedding!, inputs.ids!)), rate, random);
    for (let layer = 0; layer < layers; layer++) {
      const last = layer === layers - 1;
      const own = last && !options.mean ? ops.firstTokens(x, rows) : x;
      const context = ops.attention(
        linear(own, `${layer}.query`),
        linear(x, `${layer}.key`),
        linear(x, `${layer}.value`),
        rows,
        { heads, rate, random },
      );
      x = norm(context, own);
      const y = linear(ops.gelu(linear(x, `${layer}.inner`)), `${layer}.outer`);
      x = norm(y, x);
    }
    const changed = ops.scatterAdd(
      p["classifier.weight"]!,
      tf.tensor1d([0, 9, 20, 9, 47], "int32"),
      p.delta!,
    );
    return linear(options.mean ? ops.meanTokens(x, rows) : x, "classifier", changed);
  };

  const trained = [...parameters.keys()].filter(options.trains ?? (() => true));
  const decays = (name: string) => !/bias|norm/.test(name);
  return {
    parameters,
    groups: [
      { names: trained.filter(decays), rate: 1, decay: 0.01 },
      { names: trained.filter((name) => !decays(name)), rate: 2, decay: 0 },
    ],
    optimizer: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: 1 },
    inputs: (use) => ({
      ids: { shape: ["tokens"], dtype: "int32" },
      starts: { shape: ["rows"], dtype: "int32" },
      lengths: { shape: ["rows"], dtype: "int32" },
      ...(use === "train" && { labels: { shape: ["rows"], dtype: "int32" } }),
    }),
    loss: (p, inputs, random) => ops.crossEntropy(forward(p, inputs, random), inputs.labels!),
    predict: (p, inputs) => {
      const logits = forward(p, inputs);
      return { logits, label: tf.argMax(logits, 1) };
    },
  } satisfies StepDefinition as StepDefinition;
}

/** A batch of rows of different lengths, and some tokens behind them that belong to none. */
export function batch(rows: number, seed: number, tail = 0): Feed {
  const next = stream(seed);
  const draw = (size: number, below: number) =>
    Int32Array.from({ length: size }, () => next() * below);
  const lengths = draw(rows, 7).map((length) => length + 1);
  const starts = lengths.map((_, row) => lengths.slice(0, row).reduce((sum, n) => sum + n, 0));
  const tokens = lengths.reduce((sum, length) => sum + length, tail);
  return { ids: draw(tokens, vocabulary), starts, lengths, labels: draw(rows, classes) };
}

/** The part of a batch that prediction takes. */
export function unlabelled({ ids, starts, lengths }: Feed): Feed {
  return { ids: ids!, starts: starts!, lengths: lengths! };
}
