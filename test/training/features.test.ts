import { expect, test } from "vitest";
import { compile, eager } from "../../src/engine";
import { adapt, methodByName, stepOf } from "../../src/peft";
import { featureExamples, tokenExamples } from "../../src/training/examples";
import { computeFeatures, headStepOf } from "../../src/training/features";
import { optimizer } from "../../src/training/optimizer";
import { tinyBert, tinyConfig } from "../models/tiny";

const pretrained = tinyBert();
const rows = Array.from({ length: 70 }, (_, row) => ({
  text: Array.from({ length: 1 + (row % 9) }, (_, at) => `word${(row * 7 + at) % 100}`).join(" "),
}));
const tokens = tokenExamples(rows, {
  tokenizer: pretrained.tokenizer,
  maxTokens: 16,
});

for (const head of ["pooler", "mean"] as const) {
  test(`${head}: the head on kept features gives what the whole model gives`, async () => {
    const model = adapt({
      pretrained,
      method: methodByName("head-only"),
      head,
      outputs: 2,
      seed: 1,
    });
    const features = featureExamples(await computeFeatures(model, tokens), tinyConfig.hiddenSize);
    const batch = [3, 69, 0, 12, 40, 41, 8, 8];
    const alone = compile(headStepOf(model, { target: "classes" }));
    const whole = eager(stepOf(model, { target: "classes", optimizer }));
    const found = alone.evaluate(features.feed(batch)).logits!;
    const expected = whole.evaluate(tokens.feed(batch)).logits!;
    expect(found.shape).toEqual([8, 2]);
    found.data.forEach((value, at) => {
      expect(value).toBeCloseTo(expected.data[at]!, 5);
    });
    expect([...alone.state().parameters.keys()].sort()).toEqual([...model.trained].sort());
    alone.dispose();
    whole.dispose();
  });
}

test("what is told of the work can end it", async () => {
  const options = {
    method: methodByName("head-only"),
    head: "pooler",
    outputs: 2,
    seed: 1,
  } as const;
  const model = adapt({ pretrained, ...options });
  const stop = () => {
    throw new Error("enough");
  };
  await expect(computeFeatures(model, tokens, stop)).rejects.toThrow("enough");
});
