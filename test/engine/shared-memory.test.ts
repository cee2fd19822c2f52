import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { compile, type HostTensor, type Step, type StepDefinition, tf } from "../../src/engine";
import { readSafetensors, writeSafetensors } from "../../src/models";

// A compiled step has frozen parameters once, in the memory that they were read into.

const folder = mkdtempSync(join(tmpdir(), "peftlab-shared-"));

/** Beyond 32 MiB, where glibc takes memory from the system, and so aligned as TensorFlow wants it. */
function read(): Map<string, HostTensor> {
  const file = join(folder, "model.safetensors");
  const ones = (size: number) => ({ shape: [size], data: new Float32Array(size).fill(1) });
  writeSafetensors(
    file,
    new Map(Object.entries({ frozen: ones(5_000_001), trained: ones(5_000_001) })),
  );
  const parameters = readSafetensors(file);
  rmSync(file);
  return parameters;
}

/** The loss and the prediction are the sum of all parameters. */
const definition = (parameters: Map<string, HostTensor>): StepDefinition => ({
  parameters,
  groups: [{ names: ["trained"], rate: 1, decay: 0 }],
  optimizer: { kind: "sgd", clip: null },
  inputs: () => ({}),
  loss: ({ trained }) => tf.sum(trained!),
  predict: (p) => ({ frozen: tf.slice(p.frozen!, 0, 3), trained: tf.slice(p.trained!, 0, 3) }),
});

test.runIf(process.platform === "linux")(
  "frozen parameters are used in place, trained ones are not",
  () => {
    const parameters = read();
    const step = compile(definition(parameters));
    for (const { data } of parameters.values()) data[1] = 5;
    const { frozen, trained } = step.evaluate({});
    expect([...frozen!.data]).toEqual([1, 5, 1]);
    expect([...trained!.data]).toEqual([1, 1, 1]);
    step.train({}, { learningRate: 1, seed: 1 });
    expect([...step.evaluate({}).trained!.data]).toEqual([0, 0, 0]);
    expect([...parameters.get("trained")!.data.subarray(0, 3)]).toEqual([1, 5, 1]);
    step.dispose();
  },
);

test("their memory lives as long as the step, and no longer", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  let buffer: WeakRef<ArrayBufferLike> | undefined;
  const make = () => {
    const parameters = read();
    buffer = new WeakRef(parameters.get("frozen")!.data.buffer);
    return compile(definition(parameters));
  };
  let step: Step | undefined = make();
  // A WeakRef holds what it refers to until the job in which it was made ends.
  await nextTurn();
  collect();
  expect([...step.evaluate({}).frozen!.data]).toEqual([1, 1, 1]);
  step.dispose();
  step = undefined;
  await nextTurn();
  collect();
  expect(buffer!.deref() === undefined).toBe(true);
});

test("a parameter with too few or too many values is refused by name", () => {
  const values = (size: number) => ({ shape: [3], data: new Float32Array(size) });
  for (const [frozen, trained] of [
    [2, 3],
    [3, 4],
  ] as const) {
    const parameters = new Map([
      ["frozen", values(frozen)],
      ["trained", values(trained)],
    ]);
    expect(() => compile(definition(parameters))).toThrow(
      frozen === 2 ? /frozen has 2 values/ : /trained has 4 values/,
    );
  }
});
