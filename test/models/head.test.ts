import { describe, expect, test } from "vitest";
import { tf } from "../../src/engine";
import { features, headTrains, initialHead, type Pretrained, score } from "../../src/models";
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
  test("averages the states of the tokens, padding left out, and has no tanh", () => {
    const [wide, logits] = tf.tidy(() => {
      const parameters = Object.fromEntries(
        [...pretrained.parameters, ...head("mean")].map(([n, { shape, data }]) => [
          n,
          tf.tensor(data, [...shape]),
        ]),
      );
      const batch = (ids: number[][], mask: number[][]) => {
        const matrix = (rows: number[][]) => tf.tensor2d(rows, undefined, "int32");
        return {
          ids: matrix(ids),
          types: matrix(ids.map((row) => row.map(() => 0))),
          mask: matrix(mask),
        };
      };
      const of = (ids: number[][], mask: number[][]) =>
        features(pretrained.config, "mean", parameters, batch(ids, mask), {});
      const padded = of(
        [
          [2, 7, 3, 0],
          [2, 7, 9, 3],
        ],
        [
          [1, 1, 1, 0],
          [1, 1, 1, 1],
        ],
      );
      const alone = of([[2, 7, 3]], [[1, 1, 1]]);
      const difference = tf.max(tf.abs(tf.sub(tf.slice(padded, [0, 0], [1, 32]), alone)));
      const linear = score(pretrained.config, "mean", parameters, tf.mul(alone, 1000), {});
      const unscaled = score(pretrained.config, "mean", parameters, alone, {});
      return [
        difference.dataSync()[0]!,
        tf.max(tf.abs(tf.sub(tf.mul(unscaled, 1000), linear))).dataSync()[0]!,
      ];
    });
    expect(wide).toBeLessThan(1e-5);
    expect(logits).toBeLessThan(1e-2);
  });
});
