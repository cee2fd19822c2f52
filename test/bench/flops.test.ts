import { expect, test } from "vitest";
import { bitfit, full, headOnly, lora, type Method, pfeiffer } from "../../src/peft";
import { minilmFolder } from "../../src/setup/paths";
import { gigaflopOf, stepFlops } from "./flops";
import { configOf, stepsWork } from "./make-work";

const config = { ...configOf(minilmFolder), layers: 2, hiddenSize: 8, intermediateSize: 32 };
const [d, f] = [8, 32];
const lengths = [3, 5];
const [rows, tokens, pairs] = [2, 8, 9 + 25];
const of = (method: Method) => stepFlops(config, method, 2, lengths);

/** Multiply-adds forward: of the first layer, of the last, of pooler and classifier. */
const attention = 2 * d * pairs;
const first = (4 * d * d + 2 * d * f) * tokens;
const lastAttention = 2 * d * tokens;
const last = 2 * d * d * tokens + (2 * d * d + 2 * d * f) * rows;
const [pooler, classifier] = [d * d * rows, 2 * d * rows];

test("full fine-tuning computes every product three times", () => {
  const forward = attention + first + lastAttention + last + pooler + classifier;
  expect(of(full())).toBe(2 * 3 * forward);
});

test("frozen weights save their gradients", () => {
  const encoder = attention * 3 + first * 2 + lastAttention * 3 + last * 2;
  expect(of(bitfit())).toBe(2 * (encoder + 3 * (pooler + classifier)));
});

test("with a frozen encoder nothing runs back into it", () => {
  const encoder = attention + first + lastAttention + last;
  expect(of(headOnly())).toBe(2 * (encoder + 2 * pooler + 3 * classifier));
});

test("below the lowest trained part nothing runs back, and a method's own products count", () => {
  const size = 2;
  const adapter = 2 * d * size;
  // In layer 0 the adapter stands last, and the gradient ends in it.
  const below = attention + first + (d * size * 2 + d * size * 3) * tokens;
  const above = lastAttention * 3 + last * 2 + 3 * adapter * rows;
  expect(of(pfeiffer({ reduction: 4 }))).toBe(2 * (below + above + 3 * (pooler + classifier)));

  const rank = 1;
  // Layer 0: no gradient into its input, none of its keys.
  const qkv = 3 * d * d * tokens + 2 * (2 + 3) * d * rank * tokens;
  const mixed = d * pairs * 2 + d * pairs * 3;
  const bottom = qkv + mixed + (d * d + 2 * d * f) * 2 * tokens;
  const top = lastAttention * 3 + last * 2 + 6 * d * rank * (rows + tokens);
  expect(of(lora({ rank, alpha: 1 }))).toBe(2 * (bottom + top + 3 * (pooler + classifier)));
});

test("a work's step is the mean of its batches; a head's has no encoder", () => {
  const work = stepsWork({ batch: 2, tokens: 16 });
  const own = work.batches.map((batch) =>
    stepFlops(
      configOf(minilmFolder),
      full(),
      2,
      batch.map(({ ids }) => ids.length),
    ),
  );
  const mean = own.reduce((a, b) => a + b, 0) / own.length;
  expect(gigaflopOf(work)).toBeCloseTo(mean / 1e9, 9);
  expect(gigaflopOf({ ...work, method: "head-only" })).toBeNull();
});
