import { expect, test } from "vitest";
import { featureExamples, targetFeed, tokenExamples } from "../../src/training/examples";

// Every word is its own id; [CLS] 1, [SEP] 2.
const tokenizer = {
  size: 100,
  encode: (text: string, pair: string | undefined, maxTokens: number) => {
    const words = (part: string) => part.split(" ").map(Number);
    const first = [1, ...words(text), 2];
    const second = pair === undefined ? [] : [...words(pair), 2];
    const ids = [...first, ...second].slice(0, maxTokens);
    return { ids, types: ids.map((_, at) => (at < first.length ? 0 : 1)) };
  },
};

test("token rows are padded to the batch's shape; missing rows repeat the first", () => {
  const rows = [{ text: "10 11" }, { text: "20", pair: "21 22" }];
  const examples = tokenExamples(rows, { tokenizer, maxTokens: 8, padTokenId: 9 });
  expect(examples.lengths).toEqual([4, 6]);
  const shape = { batch: 3, tokens: 6 };
  expect(examples.inputs(shape).ids).toEqual({ shape: [3, 6], dtype: "int32" });
  const { ids, types, mask } = examples.feed({ shape, rows: [1, 0] });
  const lines = (values: ArrayLike<number> | undefined) =>
    [0, 6, 12].map((at) =>
      Array.from(values!)
        .slice(at, at + 6)
        .join(" "),
    );
  expect(lines(ids)).toEqual(["1 20 2 21 22 2", "1 10 11 2 9 9", "1 20 2 21 22 2"]);
  expect(lines(types)).toEqual(["0 0 0 1 1 1", "0 0 0 0 0 0", "0 0 0 1 1 1"]);
  expect(lines(mask)).toEqual(["1 1 1 1 1 1", "1 1 1 1 0 0", "1 1 1 1 1 1"]);
});

test("features are fed row by row", () => {
  const examples = featureExamples(Float32Array.of(1, 2, 3, 4, 5, 6), 2);
  expect(examples.lengths).toEqual([1, 1, 1]);
  const shape = { batch: 3, tokens: 8 };
  expect(examples.inputs(shape).features).toEqual({ shape: [3, 2], dtype: "float32" });
  const { features } = examples.feed({ shape, rows: [2, 1] });
  expect(Array.from(features!)).toEqual([5, 6, 3, 4, 5, 6]);
});

test("labels are fed as they are, scores standardised, and rows that fill weigh nothing", () => {
  const batch = { shape: { batch: 3, tokens: 8 }, rows: [2, 0] };
  const classes = targetFeed([1, 0, 2], batch, null);
  expect(classes.targets).toEqual(Int32Array.of(2, 1, 0));
  expect(classes.weights).toEqual(Float32Array.of(1, 1, 0));
  const scores = targetFeed([1, 0, 5], batch, { mean: 2, deviation: 2 });
  expect(scores.targets).toEqual(Float32Array.of(1.5, -0.5, 0));
});
