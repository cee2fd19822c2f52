import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import {
  type BatchShape,
  type HostTensor,
  ops,
  type Randomness,
  type StepDefinition,
  type Tensors,
  tf,
} from "../../src/engine";
import type { Batch } from "./agreement";

const [vocabulary, hidden, inner, heads, layers, classes] = [50, 16, 32, 2, 2, 3];

/** A repeatable stream of numbers in [0, 1). */
export function stream(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A transformer of two layers that classifies its first token, with every op of the engine in it. */
export function transformer(options: { rate: number; trains?: (name: string) => boolean }) {
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

  const forward = (p: Tensors, { ids, mask }: Tensors, random?: Randomness): Tensor => {
    const [batch, tokens] = ids!.shape as [number, number];
    const { rate } = options;
    const linear = (x: Tensor, name: string, weight = p[`${name}.weight`]!) =>
      ops.linear(x, weight, p[`${name}.bias`]!);
    const norm = (x: Tensor) => ops.layerNorm(x, p["norm.gamma"]!, p["norm.beta"]!, 1e-12);
    const bias = ops.attentionBias(mask!);
    let x = norm(tf.reshape(ops.embedding(p.embedding!, ids!), [-1, hidden]));
    for (let layer = 0; layer < layers; layer++) {
      const [query, key, value] = ["query", "key", "value"].map((n) => linear(x, `${layer}.${n}`));
      const context = ops.attention(query!, key!, value!, bias, { heads, rate, random });
      x = norm(tf.add(x, ops.dropout(context, rate, random)));
      const y = linear(ops.gelu(linear(x, `${layer}.inner`)), `${layer}.outer`);
      x = norm(tf.add(x, ops.dropout(y, rate, random)));
    }
    const first = tf.slice(tf.reshape(x, [batch, tokens, hidden]), [0, 0, 0], [batch, 1, hidden]);
    const changed = ops.scatterAdd(
      p["classifier.weight"]!,
      tf.tensor1d([0, 9, 20, 9, 47], "int32"),
      p.delta!,
    );
    return linear(tf.reshape(first, [batch, hidden]), "classifier", changed);
  };

  const trained = [...parameters.keys()].filter(options.trains ?? (() => true));
  const decays = (name: string) => !/bias|norm/.test(name);
  const shapes = [
    { batch: 4, tokens: 7 },
    { batch: 3, tokens: 5 },
  ];
  return {
    parameters,
    groups: [
      { names: trained.filter(decays), rate: 1, decay: 0.01 },
      { names: trained.filter((name) => !decays(name)), rate: 2, decay: 0 },
    ],
    optimizer: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: 1 },
    shapes: { train: shapes, evaluate: [...shapes, { batch: 6, tokens: 7 }] },
    inputs: ({ batch, tokens }, use) => ({
      ids: { shape: [batch, tokens], dtype: "int32" },
      mask: { shape: [batch, tokens], dtype: "int32" },
      ...(use === "train" && {
        labels: { shape: [batch], dtype: "int32" },
        weights: { shape: [batch], dtype: "float32" },
      }),
    }),
    loss: (p, inputs, random) =>
      ops.crossEntropy(forward(p, inputs, random), inputs.labels!, inputs.weights!),
    predict: (p, inputs) => {
      const logits = forward(p, inputs);
      return { logits, label: tf.argMax(logits, 1) };
    },
  } satisfies StepDefinition as StepDefinition;
}

/** A batch with padding at the ends of rows and, if more than three, a last row that only fills the shape. */
export function batch({ batch, tokens }: BatchShape, seed: number): Batch {
  const next = stream(seed);
  const draw = (size: number, below: number) =>
    Int32Array.from({ length: size }, () => next() * below);
  const lengths = draw(batch, tokens);
  return {
    shape: { batch, tokens },
    feed: {
      ids: draw(batch * tokens, vocabulary),
      mask: Int32Array.from({ length: batch * tokens }, (_, i) =>
        i % tokens <= lengths[Math.floor(i / tokens)]! ? 1 : 0,
      ),
      labels: draw(batch, classes),
      weights: Float32Array.from({ length: batch }, (_, i) => (i < 3 ? 1 : 0)),
    },
  };
}

/** The part of a batch that prediction takes. */
export function unlabelled({ shape, feed: { ids, mask } }: Batch): Batch {
  return { shape, feed: { ids: ids!, mask: mask! } };
}
