import { expect, test } from "vitest";
import { compile, eager, type HostTensor, type Precision } from "../../src/engine";
import { largestDifference } from "./agreement";
import { batch, transformer, unlabelled } from "./small";

const feed = batch(5, 1);
const options = { learningRate: 1e-3, seed: 7 };

function gradients(make: typeof compile, precision: Precision): Map<string, HostTensor> {
  const step = make({ ...transformer({ rate: 0 }), precision });
  const found = step.gradients(feed, options);
  step.dispose();
  return found;
}

test("bfloat16 rounds the products of a step and nothing else, eagerly and compiled alike", () => {
  const exact = gradients(compile, "float32");
  const rounded = gradients(compile, "bfloat16");
  const opByOp = gradients(eager, "bfloat16");
  const name = "0.value.weight";
  const difference = largestDifference(rounded.get(name)!, exact.get(name)!);
  // One part in 2 ** 9 is lost at each of some ten products in a row.
  expect(difference).toBeGreaterThan(1e-4);
  expect(difference).toBeLessThan(3e-2);
  expect(largestDifference(rounded.get(name)!, opByOp.get(name)!)).toBeLessThan(5e-3);
  // The classifier's bias is a sum over rows of float32 values that differ by what came before alone.
  const bias = "classifier.bias";
  expect(largestDifference(rounded.get(bias)!, exact.get(bias)!)).toBeLessThan(3e-2);
});

test("bfloat16 holds for evaluation, and the parameters stay float32", () => {
  const steps = (["float32", "bfloat16"] as const).map((precision) =>
    compile({ ...transformer({ rate: 0 }), precision }),
  );
  const [exact, rounded] = steps.map((step) => step.evaluate(unlabelled(feed)).logits!);
  const difference = largestDifference(rounded!, exact!);
  expect(difference).toBeGreaterThan(1e-5);
  expect(difference).toBeLessThan(3e-2);
  const losses = Array.from({ length: 40 }, () => steps[1]!.train(feed, options));
  expect(losses.at(-1)).toBeLessThan(0.7 * losses[0]!);
  const { data } = steps[1]!.state().parameters.get("0.value.weight")!;
  expect(
    data.some((value) => (new Uint32Array(Float32Array.of(value).buffer)[0]! & 0xffff) > 0),
  ).toBe(true);
  for (const step of steps) step.dispose();
});

test("tf32 is refused where no GPU computes", () => {
  for (const make of [compile, eager])
    expect(() => make({ ...transformer({ rate: 0 }), precision: "tf32" })).toThrow(
      /tf32 is one of NVIDIA's GPUs/,
    );
});
