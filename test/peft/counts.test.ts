import { describe, expect, test } from "vitest";
import { sizeOf } from "../../src/engine";
import {
  type EncoderConfig,
  encoderShapes,
  type HeadKind,
  loadPretrained,
  type Pretrained,
  poolerShapes,
} from "../../src/models";
import { adapt, bitfit, type Method, methodByName } from "../../src/peft";
import { minilmFolder } from "../../src/setup/paths";
import { tinyBert, tinyConfig } from "../models/tiny";
import { rows, titleOf } from "./table";

const minilm = loadPretrained(minilmFolder);
const counts = (pretrained: Pretrained, method: Method, head: HeadKind, outputs = 2) =>
  adapt({ pretrained, method, head, outputs, seed: 1 }).counts;

describe("on MiniLM-L6 (L 6, d 384), two classes", () => {
  const shape = { L: 6, d: 384, all: 22_565_376 };
  const pooler = 384 * 384 + 384;
  const classifier = 2 * 384 + 2;

  test.each(rows.map((row) => [titleOf(row), row] as const))(
    "%s: the closed form for every head",
    (_, row) => {
      const encoder = row.count(shape);
      expect(counts(minilm, row.method, "pooler")).toMatchObject({
        encoder,
        head: pooler + classifier,
      });
      expect(counts(minilm, row.method, "mean")).toMatchObject({ encoder, head: classifier });
      const ofPooler =
        { full: pooler, bitfit: titleOf(row) === "bitfit" ? 384 : 0 }[row.method.name] ?? 0;
      expect(counts(minilm, row.method, "frozen-pooler")).toMatchObject({
        encoder,
        head: ofPooler + classifier,
      });
    },
  );

  test.each<[string, Record<string, unknown>, HeadKind, number, number]>([
    ["bitfit", {}, "pooler", 2, 174_338],
    ["bitfit", {}, "pooler", 1, 173_953],
    ["bitfit", {}, "frozen-pooler", 2, 26_882],
    ["bitfit", {}, "frozen-pooler", 1, 26_497],
    ["bitfit", { biases: ["query", "intermediate"] }, "frozen-pooler", 2, 12_290],
    ["bitfit", { biases: ["query", "intermediate", "pooler"] }, "frozen-pooler", 2, 12_674],
    ["full", {}, "pooler", 2, 22_713_986],
    ["head-only", {}, "pooler", 2, 148_610],
    ["head-only", {}, "frozen-pooler", 2, 770],
    ["random-mask", {}, "pooler", 2, 174_338],
    ["houlsby", { bottleneck: 24 }, "frozen-pooler", 2, 226_080 + 9_984 + 770],
    ["houlsby", {}, "frozen-pooler", 2, 595_200 + 9_984 + 770],
    ["pfeiffer", {}, "frozen-pooler", 2, 113_810],
    ["lora", {}, "frozen-pooler", 2, 74_498],
  ])(
    "%s %j with the head %s and %i outputs trains %i",
    (name, settings, head, outputs, trainable) => {
      expect(counts(minilm, methodByName(name, settings), head, outputs).trainable).toBe(trainable);
    },
  );

  test("the total holds everything once", () => {
    expect(counts(minilm, methodByName("full"), "pooler").total).toBe(22_713_986);
    expect(counts(minilm, methodByName("lora"), "pooler").total).toBe(22_713_986 + 73_728);
  });
});

/** An encoder of this shape, all zeros: enough to count. */
function zeros(change: Partial<EncoderConfig>): Pretrained {
  const config: EncoderConfig = { ...tinyConfig, vocabSize: 30522, maxPositions: 512, ...change };
  const shapes = [...encoderShapes(config), ...poolerShapes(config)];
  const parameters = new Map(
    shapes.map(([name, shape]) => [name, { shape, data: new Float32Array(sizeOf(shape)) }]),
  );
  return { ...tinyBert(), config, parameters };
}

test("BitFit's published counts: BERT-tiny trains 3,330 of 4,386,178, BERT-mini 12,290", () => {
  const tiny = zeros({ layers: 2, hiddenSize: 128, intermediateSize: 512, heads: 2 });
  expect(counts(tiny, bitfit(), "frozen-pooler")).toMatchObject({
    trainable: 3_330,
    total: 4_386_178,
  });
  const mini = zeros({ layers: 4, hiddenSize: 256, intermediateSize: 1024, heads: 4 });
  expect(counts(mini, bitfit(), "frozen-pooler").trainable).toBe(12_290);
});
