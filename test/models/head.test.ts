import { describe, expect, test } from "vitest";
import { tf } from "../../src/engine";
import {
  encode,
  features,
  headTrains,
  initialHead,
  type Pretrained,
  score,
} from "../../src/models";
import { feedOf, inputsOf, largest, run } from "./run";
import { tinyBert } from "./tiny";

const pretrained = tinyBert();
const withoutPooler = tinyBert({ pooler: false });
const head = (
  kind: "pooler" | "frozen-pooler" | "mean",
  seed = 1,
  from: Pretrained = pretrained,
  outputs = 3,
) => initialHead(from, { kind, outputs, seed });

describe("start values", () => {
  test("the pooler is the checkpoint's, the classifier N(0, 0.02) with bias 0", () => {
    const values = head("pooler", 1, pretrained, 200);
    expect(values.get("bert.pooler.dense.weight")).toBe(
      pretrained.parameters.get("bert.pooler.dense.weight"),
    );
    const { shape, data } = values.get("classifier.weight")!;
    expect(shape).toEqual([200, 32]);
    const mean = data.reduce((sum, x) => sum + x, 0) / data.length;
    const deviation = Math.sqrt(data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / data.length);
    // Four standard errors of 6,400 draws.
    expect(Math.abs(mean)).toBeLessThan((4 * 0.02) / Math.sqrt(6400));
    expect(Math.abs(deviation - 0.02)).toBeLessThan((4 * 0.02) / Math.sqrt(2 * 6400));
    expect(values.get("classifier.bias")).toEqual({ shape: [200], data: new Float32Array(200) });
  });

  test("the same seed gives the same head, whatever its kind, and another seed another", () => {
    const weight = (...of: Parameters<typeof head>) => head(...of).get("classifier.weight");
    expect(weight("mean")).toEqual(weight("pooler"));
    expect(weight("pooler", 2)).not.toEqual(weight("pooler"));
  });

  test("a pooler that the checkpoint lacks is drawn, unless it shall stay as loaded", () => {
    const drawn = head("pooler", 1, withoutPooler);
    expect(drawn.get("bert.pooler.dense.weight")!.shape).toEqual([32, 32]);
    expect(drawn.get("bert.pooler.dense.bias")!.data.every((x) => x === 0)).toBe(true);
    expect(() => head("frozen-pooler", 1, withoutPooler)).toThrow(
      /tiny has no pooler to keep frozen/,
    );
  });

  test("what trains whatever the method", () => {
    const names = [...head("pooler").keys(), "bert.encoder.layer.0.output.dense.bias"];
    expect(names.filter((name) => headTrains(name, "pooler"))).toEqual(names.slice(0, 4));
    expect(names.filter((name) => headTrains(name, "frozen-pooler"))).toEqual([
      "classifier.weight",
      "classifier.bias",
    ]);
    expect([...head("mean").keys()]).toEqual(["classifier.weight", "classifier.bias"]);
  });
});

describe("the mean head", () => {
  const { config } = pretrained;
  const parameters = new Map([...pretrained.parameters, ...head("mean")]);
  const padded = {
    ids: [
      [2, 7, 3, 0],
      [2, 7, 9, 3],
    ],
    types: [
      [0, 0, 0, 0],
      [0, 0, 1, 1],
    ],
    mask: [
      [1, 1, 1, 0],
      [1, 1, 1, 1],
    ],
  };
  const means = run(parameters, (p) => features(config, "mean", p, inputsOf(padded), {}));

  test("reads the mean of the tokens' states, padding left out", () => {
    const states = run(parameters, (p) => encode(config, p, inputsOf(padded), { wanted: "all" }));
    const { starts, lengths } = feedOf(padded);
    const expected = Array.from(lengths).flatMap((length, row) =>
      Array.from({ length: 32 }, (_, i) => {
        const own = Array.from({ length }, (_, at) => states[(starts[row]! + at) * 32 + i]!);
        return own.reduce((sum, value) => sum + value / length, 0);
      }),
    );
    expect(largest(means, expected)).toBeLessThan(1e-6);
  });

  test("is linear in them: no pooler, no tanh", () => {
    const logits = (factor: number) =>
      run(parameters, (p) =>
        score(
          config,
          "mean",
          p,
          tf.tensor2d(
            means.map((x) => x * factor),
            [2, 32],
          ),
          {},
        ),
      );
    expect(
      largest(
        logits(1000),
        logits(1).map((x) => 1000 * x),
      ),
    ).toBeLessThan(1e-2);
    expect(largest(logits(1000), new Array(6).fill(0))).toBeGreaterThan(1);
  });
});
