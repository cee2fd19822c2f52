import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { madeUpTexts } from "../made-up";
import {
  epochWork,
  evaluateWork,
  sizesWork,
  stepsWork,
  tokeniseWork,
  writeEncoder,
} from "../make-work";
import type { BenchMethod, Measurement } from "../work";
import { measureCompile } from "./compile";
import { measure } from "./peftlab";
import { measureProducts } from "./products";
import { measureTokenise } from "./tokenise";

const folder = mkdtempSync(join(tmpdir(), "peftlab-bench-"));
afterAll(() => rmSync(folder, { recursive: true }));
const [d, layers] = [32, 2];
const model = writeEncoder(folder, {
  ...{ layers, hiddenSize: d, heads: 2, intermediateSize: 64 },
});
const head = d * d + d + 2 * d + 2;

const texts = madeUpTexts(70, [0, 1, 2, 3, 4, 5, 6, 7, 8]);

function expectTimes({ milliseconds, peakBytes, threads }: Measurement, count: number): void {
  expect(milliseconds).toHaveLength(count);
  expect(Math.min(...milliseconds)).toBeGreaterThan(0);
  expect(peakBytes).toBeGreaterThan(50 * 2 ** 20);
  expect(threads).toBeGreaterThan(0);
}

describe("our side", () => {
  const trained: readonly (readonly [BenchMethod, Record<string, number>, number])[] = [
    ["head-only", {}, head],
    ["bitfit", {}, (7 * d + 64) * layers + d + head],
    ["lora", { rank: 8, alpha: 8 }, 2 * 2 * 8 * layers * d + head],
    ["top", { layers: 1 }, 4 * d * d + 9 * d + 2 * 64 * d + 64 + head],
  ];

  test.each(trained)("takes steps of %s", async (method, settings, trainable) => {
    const sizes = { batch: 4, tokens: 16, warmup: 1, steps: 3 };
    const measured = await measure(stepsWork({ model, method, settings, ...sizes }));
    expectTimes(measured, 3);
    expect(measured.trainable).toBe(trainable);
    // Random labels: about the entropy of a coin.
    expect(Math.abs(measured.check - Math.LN2)).toBeLessThan(0.3);
  });

  test("trains from texts on, and evaluates", async () => {
    const epoch = { ...epochWork(texts, { part: 0, parts: 1, most: 2 }), ...small() };
    expectTimes(await measure(epoch), 1);
    const evaluation = { ...evaluateWork(texts, { batches: [8], passes: 2 }), ...small() };
    const measured = await measure(evaluation);
    expectTimes(measured, 2);
    expect(Number.isFinite(measured.check)).toBe(true);
  });

  test("says what a new step costs", () => {
    const { milliseconds, peakBytes } = measureCompile({ ...sizesWork([8, 12], 2), ...small() });
    expect(milliseconds.build).toBeGreaterThan(0);
    if (process.platform === "linux") expect(peakBytes!.first).toBeGreaterThan(50 * 2 ** 20);
  });

  test("tokenises", () => {
    const measured = measureTokenise(tokeniseWork([texts], 1));
    expectTimes(measured, 1);
    expect(measured.check).toBeGreaterThan(100);
  });

  test("multiplies matrices", () => {
    const { gigaflops } = measureProducts({ kind: "products", shapes: [[64, 32, 16]], seconds: 0 });
    for (const speeds of Object.values(gigaflops)) expect(speeds[0]).toBeGreaterThan(0);
  });
});

/** Of the small encoder. */
function small() {
  const { recipe, classifier } = stepsWork({ model, batch: 1, tokens: 8 });
  return { model, recipe, classifier };
}
