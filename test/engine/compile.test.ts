import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  compile,
  eager,
  type Feed,
  type HostTensor,
  liveTensors,
  ops,
  type StepDefinition,
  type Tensors,
  tf,
} from "../../src/engine";
import { openSessions } from "../../src/engine/session";
import { backend } from "../../src/engine/tensorflow";
import { expectAgreement, largestDifference } from "./agreement";
import { batch, stream, transformer, unlabelled } from "./small";

const batches = [batch(4, 1, 2), batch(3, 2), batch(7, 3, 5)];
const [first] = batches as [Feed];
const options = { learningRate: 1e-3, seed: 7 };
const isKeyBias = (name: string) => name.endsWith("key.bias");

/** Everything that could leak: tensors, the library's handles on them, loaded graphs, temporary folders. */
function held() {
  return {
    tensors: liveTensors(),
    handles: backend.binding.getNumOfTensors(),
    graphs: openSessions(),
    folders: readdirSync(tmpdir()).filter((name) => name.startsWith(`peftlab-${process.pid}-`))
      .length,
  };
}

function bytes({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

let before: ReturnType<typeof held>;
beforeEach(() => {
  before = held();
});
afterEach(() => expect(held()).toEqual(before));

describe("compiled and eager agree", () => {
  for (const rate of [0, 0.1])
    test(`when everything trains, dropout ${rate}`, () => {
      const noGradient = isKeyBias;
      expectAgreement(transformer({ rate }), batches, { learningRate: 1e-3, noGradient });
    });

  test("when only biases train", () => {
    const trains = (name: string) => name.endsWith("bias");
    const definition = transformer({ rate: 0.1, trains });
    expectAgreement(definition, batches, { learningRate: 1e-3, noGradient: isKeyBias });
  });

  test("when the mean of a row's tokens is classified", () => {
    const definition = transformer({ rate: 0.1, mean: true });
    expectAgreement(definition, batches, { learningRate: 1e-3, noGradient: isKeyBias });
  });

  for (const mean of [false, true])
    test(`on predictions, in sizes that were not trained on too, ${mean ? "means" : "first tokens"}`, () => {
      const definition = transformer({ rate: 0.1, mean });
      const [op, graph] = [eager(definition), compile(definition)];
      for (const rows of [4, 1, 9]) {
        const feed = unlabelled(batch(rows, 5));
        const [expected, got] = [op.evaluate(feed), graph.evaluate(feed)];
        expect(got.logits!.shape).toEqual([rows, 3]);
        expect(largestDifference(got.logits!, expected.logits!)).toBeLessThan(1e-5);
        expect(got.label).toEqual(expected.label);
      }
      op.dispose();
      graph.dispose();
    });
});

for (const [way, make] of Object.entries({ eager, compile }))
  describe(way, () => {
    test("trains: the loss falls", () => {
      const step = make(transformer({ rate: 0 }));
      const losses = Array.from({ length: 30 }, () =>
        step.train(first, { ...options, learningRate: 1e-2 }),
      );
      expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
      step.dispose();
    });

    test("holds a constant number of tensors over steps", () => {
      const step = make(transformer({ rate: 0.1 }));
      const counts = Array.from({ length: 6 }, (_, i) => {
        const feed = batches[i % 3]!;
        step.train(feed, options);
        step.gradients(feed, options);
        step.evaluate(unlabelled(feed));
        step.state();
        return held();
      });
      for (const count of counts.slice(1)) expect(count).toEqual(counts[0]);
      step.dispose();
      expect(() => step.train(first, options)).toThrow(/disposed/);
    });

    test("does the same twice, bit for bit", () => {
      const [first, second] = [1, 2].map(() => {
        const step = make(transformer({ rate: 0.1 }));
        const losses = batches.map((feed) => step.train(feed, options));
        const state = step.state();
        step.dispose();
        return { losses, state };
      });
      expect(second).toEqual(first);
    });

    test("does in one call what it does in several, bit for bit", () => {
      const updates = Array.from({ length: 20 }, (_, at) => {
        return { feed: batches[at % 3]!, learningRate: 1e-3 * (1 + at), seed: 7 };
      });
      const [inOne, inSeveral] = [true, false].map((together) => {
        const step = make(transformer({ rate: 0.1 }));
        const losses = together
          ? step.trainMany(updates)
          : updates.map(({ feed, ...options }) => step.train(feed, options));
        const state = step.state();
        step.dispose();
        return { losses, state };
      });
      expect(inOne).toEqual(inSeveral);
    });

    test("goes on from a restored state as if it had not stopped, bit for bit", () => {
      const definition = transformer({ rate: 0.1 });
      const run = (step: ReturnType<typeof make>, from: number) =>
        batches.slice(from).map((feed) => step.train(feed, options));
      const whole = make(definition);
      const losses = run(whole, 0);
      const end = whole.state();
      const stopped = make(definition);
      stopped.train(first, options);
      const state = stopped.state();
      const resumed = make(definition);
      resumed.restore(state);
      expect(run(resumed, 1)).toEqual(losses.slice(1));
      expect(resumed.state()).toEqual(end);
      expect(state.count).toBe(1);
      for (const step of [whole, stopped, resumed]) step.dispose();
    });

    test("takes in and gives out parameters larger than one piece unchanged", () => {
      const next = stream(3);
      const large = (size: number): HostTensor => {
        const buffer = new Float32Array(size + 1);
        for (let i = 0; i < size; i += 997) buffer[i] = next();
        // A view that does not start on a boundary, as in a checkpoint's file.
        return { shape: [size], data: buffer.subarray(1) };
      };
      const sizes = { a: 3e6, b: 5e6, c: 7, d: 2e6 };
      const parameters = new Map(
        Object.entries(sizes).map(([name, size]) => [name, large(size)] as const),
      );
      const step = make({
        parameters,
        groups: [{ names: Object.keys(sizes), rate: 1, decay: 0 }],
        optimizer: { kind: "sgd", clip: null },
        inputs: () => ({}),
        loss: (p) => tf.addN(Object.values(p).map((value) => tf.sum(value))),
        predict: () => ({}),
      });
      const state = step.state();
      for (const [name, { data }] of parameters)
        expect(Buffer.compare(bytes(state.parameters.get(name)!.data), bytes(data)), name).toBe(0);
      step.dispose();
    });

    test("leaves the initial values and frozen parameters alone", () => {
      const definition = transformer({ rate: 0, trains: (name) => name === "classifier.bias" });
      const copies = new Map(
        [...definition.parameters].map(([name, { data }]) => [name, data.slice()]),
      );
      const step = make(definition);
      for (const feed of batches) step.train(feed, options);
      for (const [name, { data }] of definition.parameters) expect(data).toEqual(copies.get(name));
      expect([...step.state().parameters.keys()]).toEqual(["classifier.bias"]);
      step.dispose();
    });

    test("gives other dropout masks in other steps and for other seeds, the same for the same", () => {
      const step = make(transformer({ rate: 0.5 }));
      const gradient = (seed: number): HostTensor =>
        step.gradients(first, { seed }).get("classifier.bias")!;
      const seven = gradient(7);
      expect(gradient(7)).toEqual(seven);
      expect(gradient(8)).not.toEqual(seven);
      step.train(first, { learningRate: 0, seed: 7 });
      expect(gradient(7)).not.toEqual(seven);
      step.dispose();
    });

    test("refuses what it was not made for, and says what it has", () => {
      const definition = transformer({ rate: 0 });
      const step = make(definition);
      const { ids, lengths, ...rest } = first;
      expect(() => step.train({ ...rest, ids: ids! }, options)).toThrow(
        /input lengths takes a Int32Array of the shape \[rows\]; got nothing/,
      );
      expect(() => step.train({ ...first, ids: new Float32Array(28) }, options)).toThrow(
        /ids takes a Int32Array/,
      );
      expect(() => step.train({ ...first, lengths: lengths!.slice(1) }, options)).toThrow(
        /input lengths takes values of the shape \[rows\], and starts has 4 rows; got 3/,
      );
      expect(() => step.train({ ...first, more: ids! }, options)).toThrow(/no input more/);
      const state = step.state();
      const short = { ...state, slots: new Map([...state.slots].slice(1)) };
      expect(() => step.restore(short)).toThrow(/lacks the slot m\/embedding/);
      step.dispose();
      const groups = [{ names: ["classifier.bias", "missing"], rate: 1, decay: 0 }];
      expect(() => make({ ...definition, groups })).toThrow(/names missing/);
    });

    test("only evaluates where no parameter trains", () => {
      const { loss, ...definition } = transformer({ rate: 0.1, trains: () => false });
      const refuse = () => {
        throw new Error("The loss was asked for.");
      };
      const step = make({ ...definition, groups: [], loss: refuse });
      expect(step.evaluate(unlabelled(first)).logits!.shape).toEqual([4, 3]);
      expect(() => step.train(first, options)).toThrow(/only evaluates/);
      expect(() => step.gradients(first, options)).toThrow(/only evaluates/);
      step.dispose();
    });

    test("refuses to train what the loss does not reach", () => {
      const definition = transformer({ rate: 0, trains: (name) => name === "classifier.bias" });
      const unused = { shape: [2], data: new Float32Array(2) };
      const parameters = new Map([...definition.parameters, ["unused", unused]]);
      const groups = [{ names: ["unused", "classifier.bias"], rate: 1, decay: 0 }];
      const train = () => {
        const step = make({ ...definition, parameters, groups });
        try {
          step.train(first, options);
        } finally {
          step.dispose();
        }
      };
      expect(train).toThrow(/does not depend on unused/);
    });
  });

describe("what cannot be recorded fails with its reason", () => {
  const outside = tf.tidy(() => tf.keep(tf.add(tf.zeros([3]), 1)));
  const changed = (change: StepDefinition["loss"]): (() => void) => {
    const definition = transformer({ rate: 0 });
    return () => compile({ ...definition, loss: change }).dispose();
  };

  test("an op without a shape rule", () => {
    expect(changed((p) => tf.sum(tf.atan(p.embedding!)))).toThrow(
      /op Atan cannot be recorded.*shape-rules/,
    );
  });

  test("reading values", () => {
    expect(changed((p) => tf.mul(tf.sum(p.embedding!), p.delta!.dataSync()[0]!))).toThrow(
      /read the values of a tensor \[5\].*an input/,
    );
    expect(
      changed((p) => tf.mul(tf.sum(p.embedding!), tf.exp(p.delta!).arraySync() as number[])),
    ).toThrow(/made by the op Exp/);
    expect(changed((p, { ids }) => tf.sum(tf.gather(p.embedding!, ids!)))).toThrow(
      /tf.gather reads its indices; ops.embedding does not/,
    );
  });

  test("a tensor from outside", () => {
    expect(changed((p) => tf.sum(tf.mul(tf.sum(p.embedding!), outside)))).toThrow(
      /made outside the step.*parameter or an input/,
    );
    outside.dispose();
    before = { ...before, tensors: before.tensors - 1, handles: before.handles - 1 };
  });

  test("shapes that do not fit", () => {
    expect(changed((p) => tf.sum(ops.gelu(tf.add(p.delta!, tf.zeros([4])))))).toThrow();
  });

  describe("a size of the batch that is taken as a number", () => {
    const inputs = { ids: { shape: ["tokens"], dtype: "int32" } } as const;
    const ids = (tokens: number): Feed => ({
      ids: Int32Array.from({ length: tokens }, (_, i) => i),
    });
    /** A step whose loss is the mean square of a function of the tokens' embeddings `[tokens, 16]`. */
    const sized = (of: (x: Tensor) => Tensor): StepDefinition => {
      const whole = transformer({ rate: 0, trains: (name) => name === "embedding" });
      const loss = (p: Tensors, { ids }: Tensors) => {
        const flat = tf.reshape(of(ops.embedding(p.embedding!, ids!)), [-1]);
        return ops.meanSquaredError(flat, tf.mul(flat, 0));
      };
      return { ...whole, inputs: () => inputs, loss, predict: (p, i) => ({ loss: loss(p, i) }) };
    };
    const evaluated = (of: (x: Tensor) => Tensor) => () =>
      compile({ ...sized(of), groups: [] }).dispose();

    test("names the op and the constant", () => {
      expect(evaluated((x) => tf.slice(x, [0, 0], [x.shape[0]! * 2, 4]))).toThrow(
        /op Slice cannot be recorded: it takes a size of the batch.*-1/,
      );
      expect(evaluated((x) => tf.reshape(tf.matMul(x, x, false, true), [-1]))).not.toThrow();
      expect(evaluated((x) => tf.tile(tf.slice(x, 0, 1), [x.shape[0]!, 1]))).toThrow(/op Tile/);
      expect(evaluated((x) => tf.add(x, tf.zeros([x.shape[0]!, 1])))).toThrow(
        /op Add.*constant of the shape \[104729,1\]/,
      );
      expect(evaluated((x) => tf.div(tf.sum(x), x.shape[0]!))).toThrow(/op RealDiv.*value/);
      expect(evaluated((x) => tf.mul(tf.sum(x), 1 / x.shape[0]!))).toThrow(/op Mul/);
      expect(
        evaluated((x) => tf.reshape(tf.matMul(x, x, false, true), [x.shape[0]!, -1, 1])),
      ).toThrow(/op Reshape/);
    });

    test("is told of the gradient that TensorFlow.js gives a mean over tokens", () => {
      const mean = sized((x) => tf.mean(x, 0));
      expect(() => compile(mean).dispose()).toThrow(/op \w+ cannot be recorded.*ops.meanTokens/);
      expect(() => compile({ ...mean, groups: [] }).dispose()).not.toThrow();
    });

    test("but not of what no output needs", () => {
      expect(
        evaluated((x) => {
          tf.div(tf.sum(x), x.shape[0]!);
          return x;
        }),
      ).not.toThrow();
    });

    test("is left open in reshapes and slices, and in the gradients of other ops", () => {
      const definition = sized((x) => {
        const shaped = tf.square(tf.reshape(x, [x.shape[0]!, 4, 4]));
        const gate = tf.sigmoid(tf.matMul(x, tf.ones([16, 1])));
        const wide = tf.concat([tf.reshape(shaped, [-1, 16]), tf.mul(x, gate)], 1);
        return tf.slice(tf.sub(wide, tf.softmax(wide)), [0, 3], [-1, 20]);
      });
      const steps = [eager(definition), compile(definition)] as const;
      for (const tokens of [3, 20, 7]) {
        const [expected, got] = steps.map((step) => step.gradients(ids(tokens), { seed: 1 }));
        expect(largestDifference(got!.get("embedding")!, expected!.get("embedding")!)).toBeLessThan(
          1e-5,
        );
      }
      for (const step of steps) step.dispose();
    });
  });

  test("a loss that is not a scalar", () => {
    expect(changed((p) => p.delta!)).toThrow(/must be a scalar.*\[5\]/);
  });

  test("and eager ops work as before afterwards", () => {
    const sum = tf.tidy(() => tf.add(1, 2).dataSync()[0]);
    expect(sum).toBe(3);
  });
});
