import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { tf } from "../../src/engine";
import {
  type EncoderConfig,
  encode,
  features,
  loadPretrained,
  type Sites,
  score,
} from "../../src/models";
import { minilmFolder, root } from "../../src/setup/paths";
import { feedOf, inputsOf, largest, type Rows, run } from "./run";
import { tinyBert, tinyConfig } from "./tiny";

describe("equals PyTorch on the packaged encoder", () => {
  const { config, parameters } = loadPretrained(minilmFolder);
  const fixture = JSON.parse(
    readFileSync(path.join(root, "test/fixtures/models/states.json"), "utf8"),
  );
  const batch: Rows = fixture.batch;
  const states = (layers: number, wanted: "first" | "all", tail = 0) =>
    run(parameters, (p) => encode({ ...config, layers }, p, inputsOf(batch, tail), { wanted }));

  test("hidden states of the embeddings and of every layer, within 1e-4", () => {
    for (let layers = 0; layers <= config.layers; layers++) {
      const own = states(layers, "all").filter((_, i) => i % fixture.every === 0);
      expect(largest(own, fixture.hidden[layers])).toBeLessThan(1e-4);
    }
  });

  test("the first tokens' states, within 1e-4, computed alone or with all others", () => {
    const alone = states(config.layers, "first");
    expect(largest(alone, fixture.last)).toBeLessThan(1e-4);
    const all = states(config.layers, "all");
    const { starts } = feedOf(batch);
    const first = all.filter((_, i) => starts.includes(Math.floor(i / config.hiddenSize)));
    expect(largest(alone, first)).toBeLessThan(1e-5);
  });

  test("logits behind the pooler, within 1e-4", () => {
    const head = new Map(parameters)
      .set("classifier.weight", { shape: [2, 384], data: Float32Array.from(fixture.classifier) })
      .set("classifier.bias", { shape: [2], data: new Float32Array(2) });
    const logits = run(head, (p) =>
      score(config, "pooler", p, features(config, "pooler", p, inputsOf(batch), {}), {}),
    );
    expect(largest(logits, fixture.logits)).toBeLessThan(1e-4);
    expect(largest(logits, new Array(logits.length).fill(0))).toBeGreaterThan(1e-2);
  });

  test("tokens of no row change nothing, nor do other rows", () => {
    const first = states(config.layers, "first");
    expect(largest(states(config.layers, "first", 7), first)).toBeLessThan(1e-5);
    batch.ids.forEach((_, at) => {
      const row = { ids: [batch.ids[at]!], types: [batch.types[at]!], mask: [batch.mask[at]!] };
      const alone = run(parameters, (p) => encode(config, p, inputsOf(row), { wanted: "first" }));
      const { hiddenSize } = config;
      expect(largest(alone, first.slice(at * hiddenSize, (at + 1) * hiddenSize))).toBeLessThan(
        1e-5,
      );
    });
  });
});

describe("sites", () => {
  const { parameters } = tinyBert();
  const batch: Rows = {
    ids: [
      [2, 7, 9, 3],
      [2, 60, 3, 0],
    ],
    types: [
      [0, 0, 1, 1],
      [0, 0, 0, 0],
    ],
    mask: [
      [1, 1, 1, 1],
      [1, 1, 1, 0],
    ],
  };
  const forward = (
    sites: Sites | undefined,
    wanted: "first" | "all" = "all",
    config: EncoderConfig = tinyConfig,
  ) => run(parameters, (p) => encode(config, p, inputsOf(batch), { sites, wanted }));

  test("are visited once a layer, in the order of the forward pass, with their own weights", () => {
    const seen: string[] = [];
    const same = forward({
      linear(site, input, base, { layer, weight, bias }) {
        seen.push(`${layer} ${site} [${weight.shape}] [${bias.shape}] [${input.shape}]`);
        return base();
      },
      block(site, hidden, residual, norm, { layer }) {
        seen.push(`${layer} ${site} end [${hidden.shape}] [${residual.shape}]`);
        return norm(hidden, residual);
      },
    });
    expect(same).toEqual(forward(undefined));
    const layer = (n: number) => [
      `${n} query [32,32] [32] [7,32]`,
      `${n} key [32,32] [32] [7,32]`,
      `${n} value [32,32] [32] [7,32]`,
      `${n} attention.output [32,32] [32] [7,32]`,
      `${n} attention.output end [7,32] [7,32]`,
      `${n} intermediate [128,32] [128] [7,32]`,
      `${n} output [32,128] [32] [7,128]`,
      `${n} output end [7,32] [7,32]`,
    ];
    expect(seen).toEqual([...layer(0), ...layer(1)]);
  });

  test("of the last layer, only what is read is computed", () => {
    const rows: string[] = [];
    forward(
      {
        linear(site, input, base, { layer }) {
          if (layer === 1) rows.push(`${site} ${input.shape[0]}`);
          return base();
        },
      },
      "first",
    );
    expect(rows).toEqual([
      "query 2",
      "key 7",
      "value 7",
      "attention.output 2",
      "intermediate 2",
      "output 2",
    ]);
  });

  test("every encoder parameter can be replaced by a function of it", () => {
    const seen = new Set<string>();
    forward({
      parameter(name, value) {
        seen.add(name);
        return value;
      },
    });
    expect([...seen].sort()).toEqual(
      [...parameters.keys()].filter((n) => !n.includes("pooler")).sort(),
    );
    const doubled = forward({
      parameter: (name, value) =>
        name === "bert.encoder.layer.1.output.LayerNorm.weight" ? tf.mul(value, 2) : value,
    });
    expect(largest(doubled, forward(undefined))).toBeGreaterThan(0.1);
  });

  test("missing parameters are named", () => {
    expect(() => forward(undefined, "all", { ...tinyConfig, layers: 3 })).toThrow(
      /layer\.2\.attention\.self\.query\.weight is missing/,
    );
  });
});
