import { expect, test } from "vitest";
import { formatConfig, parseConfig } from "../../src/models";
import { tinyConfig } from "./tiny";

const json = formatConfig(tinyConfig);

test("reads what it writes", () => {
  expect(parseConfig(json, "config.json")).toEqual(tinyConfig);
});

test("takes BERT's defaults for what old files leave out", () => {
  const { hidden_act, position_embedding_type, layer_norm_eps, type_vocab_size, ...rest } = json;
  expect(parseConfig({ ...rest, use_cache: true }, "config.json")).toEqual(tinyConfig);
});

test.each([
  [{ model_type: "roberta" }, /config\.json: model_type is "roberta".*"bert"/],
  [{ model_type: undefined }, /model_type is undefined/],
  [{ hidden_act: "gelu_new" }, /hidden_act is "gelu_new".*"gelu"/],
  [{ position_embedding_type: "relative_key" }, /position_embedding_type/],
  [{ is_decoder: true }, /is_decoder is true/],
  [{ hidden_size: "32" }, /hidden_size/],
  [{ num_hidden_layers: 0 }, /num_hidden_layers/],
  [{ hidden_dropout_prob: 1 }, /hidden_dropout_prob/],
  [{ num_attention_heads: 5 }, /hidden_size 32 is not a multiple of num_attention_heads 5/],
])("refuses %j", (change, message) => {
  expect(() => parseConfig({ ...json, ...change }, "config.json")).toThrow(message);
});

test("refuses what is no object", () => {
  expect(() => parseConfig([], "config.json")).toThrow(/config\.json: expected a JSON object/);
});
