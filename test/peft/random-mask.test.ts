import { expect, test } from "vitest";
import { sizeOf, tf } from "../../src/engine";
import { encoderShapes } from "../../src/models";
import { randomMask } from "../../src/peft";
import { tinyConfig, tinyParameters } from "../models/tiny";

const parameters = tinyParameters();
const added = (seed: number) => randomMask({ seed }).adds(tinyConfig, parameters);

/** Where the mask of a seed lies in a weight: seen by adding ones. */
function entries(seed: number, weight: string): number[] {
  const size = added(seed).find(({ name }) => name === `${weight}.delta`)!.shape[0]!;
  const zeros = {
    shape: parameters.get(weight)!.shape,
    data: new Float32Array(parameters.get(weight)!.data.length),
  };
  const values = tf.tidy(() =>
    randomMask({ seed }).sites!.parameter!(weight, tf.zeros([...zeros.shape]), {
      [`${weight}.delta`]: tf.ones([size]),
    }).dataSync(),
  );
  return [...values].flatMap((value, i) => (value ? [i] : []));
}

const query = "bert.encoder.layer.0.attention.self.query.weight";

test("draws as many entries of the linear maps as BitFit has biases, in proportion to their size", () => {
  const sizes = new Map(
    added(0).map(({ name, shape }) => [name.replace(/\.delta$/, ""), shape[0]!]),
  );
  const linear = [...encoderShapes(tinyConfig)].filter(
    ([name, shape]) => shape.length === 2 && !name.includes("embeddings"),
  );
  expect([...sizes.keys()].sort()).toEqual(linear.map(([name]) => name).sort());
  const wanted = 11 * 2 * 32 + 32;
  expect([...sizes.values()].reduce((a, b) => a + b)).toBe(wanted);
  const all = linear.reduce((n, [, shape]) => n + sizeOf(shape), 0);
  for (const [name, shape] of linear) {
    expect(Math.abs(sizes.get(name)! - (wanted * sizeOf(shape)) / all)).toBeLessThan(1);
  }
});

test("without replacement, spread over the whole matrix, the same for the same seed", () => {
  const drawn = entries(0, query);
  // Every draw hits an entry of its own, as ones were added.
  expect(drawn).toHaveLength(added(0).find(({ name }) => name === `${query}.delta`)!.shape[0]!);
  const mean = drawn.reduce((a, b) => a + b) / drawn.length;
  // Four standard errors of a uniform draw from 1,024 places.
  expect(Math.abs(mean - 511.5)).toBeLessThan((4 * 1024) / Math.sqrt(12 * drawn.length));
  expect(entries(0, query)).toEqual(drawn);
  expect(entries(1, query)).not.toEqual(drawn);
  expect(entries(0, query.replace("layer.0", "layer.1"))).not.toEqual(drawn);
});
