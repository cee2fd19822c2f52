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

test("token rows are fed one after another, without padding", () => {
  const rows = [{ text: "10 11" }, { text: "20", pair: "21 22" }, { text: "30" }];
  const examples = tokenExamples(rows, { tokenizer, maxTokens: 8 });
  expect(examples.lengths).toEqual([4, 6, 3]);
  const feed = examples.feed([1, 0]);
  const lines = Object.fromEntries(
    Object.entries(feed).map(([name, values]) => [name, values.join(" ")]),
  );
  expect(lines).toEqual({
    ids: "1 20 2 21 22 2 1 10 11 2",
    types: "0 0 0 1 1 1 0 0 0 0",
    positions: "0 1 2 3 4 5 0 1 2 3",
    starts: "0 6",
    lengths: "6 4",
  });
  for (const values of Object.values(feed)) expect(values).toBeInstanceOf(Int32Array);
});

test("features are fed row by row", () => {
  const examples = featureExamples(Float32Array.of(1, 2, 3, 4, 5, 6), 2);
  expect(examples.lengths).toEqual([1, 1, 1]);
  expect(examples.feed([2, 1])).toEqual({ features: Float32Array.of(5, 6, 3, 4) });
});

test("labels are fed as they are, scores standardised", () => {
  expect(targetFeed([1, 0, 2], [2, 0], null)).toEqual({ targets: Int32Array.of(2, 1) });
  const scores = targetFeed([1, 0, 5], [2, 0], { mean: 2, deviation: 2 });
  expect(scores).toEqual({ targets: Float32Array.of(1.5, -0.5) });
});
