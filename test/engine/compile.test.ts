import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  compile,
  eager,
  type HostTensor,
  liveTensors,
  ops,
  type StepDefinition,
  tf,
} from "../../src/engine";
import { backend } from "../../src/engine/tensorflow";
import { expectAgreement, largestDifference } from "./agreement";
import { batch, stream, transformer, unlabelled } from "./small";

const shape = { batch: 4, tokens: 7 };
const other = { batch: 3, tokens: 5 };
const batches = [batch(shape, 1), batch(other, 2), batch(shape, 3)];
const options = { learningRate: 1e-3, seed: 7 };
const isKeyBias = (name: string) => name.endsWith("key.bias");

/** Everything that could leak: tensors, the library's handles on them, loaded graphs, temporary folders. */
function held() {
  return {
    tensors: liveTensors(),
    handles: backend.binding.getNumOfTensors(),
    graphs: backend.binding.getNumOfSavedModels(),
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

  test("on predictions, in shapes that were not trained on too", () => {
    const definition = transformer({ rate: 0.1 });
    const [op, graph] = [eager(definition), compile(definition)];
    for (const size of [shape, { batch: 6, tokens: 7 }]) {
      const { feed } = unlabelled(batch(size, 5));
      const [expected, got] = [op.evaluate(size, feed), graph.evaluate(size, feed)];
      expect(got.logits!.shape).toEqual([size.batch, 3]);
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
      const { shape, feed } = batches[0]!;
      const losses = Array.from({ length: 30 }, () =>
        step.train(shape, feed, { ...options, learningRate: 1e-2 }),
      );
      expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
      step.dispose();
    });

    test("holds a constant number of tensors over steps", () => {
      const step = make(transformer({ rate: 0.1 }));
      const counts = Array.from({ length: 6 }, (_, i) => {
        const { shape, feed } = batches[i % 3]!;
        step.train(shape, feed, options);
        step.gradients(shape, feed, options);
        step.evaluate(shape, unlabelled(batches[i % 3]!).feed);
        step.state();
        return held();
      });
      for (const count of counts.slice(1)) expect(count).toEqual(counts[0]);
      step.dispose();
      expect(() => step.train(shape, batches[0]!.feed, options)).toThrow(/disposed/);
    });

    test("does the same twice, bit for bit", () => {
      const [first, second] = [1, 2].map(() => {
        const step = make(transformer({ rate: 0.1 }));
        const losses = batches.map(({ shape, feed }) => step.train(shape, feed, options));
        const state = step.state();
        step.dispose();
        return { losses, state };
      });
      expect(second).toEqual(first);
    });

    test("goes on from a restored state as if it had not stopped, bit for bit", () => {
      const definition = transformer({ rate: 0.1 });
      const run = (step: ReturnType<typeof make>, from: number) =>
        batches.slice(from).map(({ shape, feed }) => step.train(shape, feed, options));
      const whole = make(definition);
      const losses = run(whole, 0);
      const end = whole.state();
      const stopped = make(definition);
      stopped.train(batches[0]!.shape, batches[0]!.feed, options);
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
        shapes: { train: [], evaluate: [] },
        inputs: () => ({}),
        loss: (p) => tf.sum(p.a!),
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
      for (const { shape, feed } of batches) step.train(shape, feed, options);
      for (const [name, { data }] of definition.parameters) expect(data).toEqual(copies.get(name));
      expect([...step.state().parameters.keys()]).toEqual(["classifier.bias"]);
      step.dispose();
    });

    test("gives other dropout masks in other steps and for other seeds, the same for the same", () => {
      const step = make(transformer({ rate: 0.5 }));
      const { shape, feed } = batches[0]!;
      const gradient = (seed: number): HostTensor =>
        step.gradients(shape, feed, { seed }).get("classifier.bias")!;
      const first = gradient(7);
      expect(gradient(7)).toEqual(first);
      expect(gradient(8)).not.toEqual(first);
      step.train(shape, feed, { learningRate: 0, seed: 7 });
      expect(gradient(7)).not.toEqual(first);
      step.dispose();
    });

    test("refuses what it was not made for, and says what it has", () => {
      const definition = transformer({ rate: 0 });
      const step = make(definition);
      const { feed } = batches[0]!;
      expect(() => step.train({ batch: 4, tokens: 8 }, feed, options)).toThrow(
        /train\/4x8.*4x7.*3x5/,
      );
      const { ids, ...rest } = feed;
      expect(() => step.train(shape, rest, options)).toThrow(/input ids .*28.*\[4,7\].*nothing/);
      expect(() => step.train(shape, { ...feed, ids: new Float32Array(28) }, options)).toThrow(
        /ids takes a Int32Array/,
      );
      expect(() => step.train(shape, { ...feed, more: ids! }, options)).toThrow(/no input more/);
      const state = step.state();
      const short = { ...state, slots: new Map([...state.slots].slice(1)) };
      expect(() => step.restore(short)).toThrow(/lacks the slot m\/embedding/);
      step.dispose();
      const groups = [{ names: ["classifier.bias", "missing"], rate: 1, decay: 0 }];
      expect(() => make({ ...definition, groups })).toThrow(/names missing/);
    });

    test("refuses to train what the loss does not reach", () => {
      const definition = transformer({ rate: 0, trains: (name) => name === "classifier.bias" });
      const unused = { shape: [2], data: new Float32Array(2) };
      const parameters = new Map([...definition.parameters, ["unused", unused]]);
      const groups = [{ names: ["unused", "classifier.bias"], rate: 1, decay: 0 }];
      const train = () => {
        const step = make({ ...definition, parameters, groups });
        try {
          step.train(shape, batches[0]!.feed, options);
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

  test("a loss that is not a scalar", () => {
    expect(changed((p) => p.delta!)).toThrow(/must be a scalar.*\[5\]/);
  });

  test("and eager ops work as before afterwards", () => {
    const sum = tf.tidy(() => tf.add(1, 2).dataSync()[0]);
    expect(sum).toBe(3);
  });
});
