import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import {
  encoderShapes,
  loadPretrained,
  saveClassifier,
  seededRandom,
  writeSafetensors,
} from "../../src/models";
import { minilmFolder } from "../../src/setup/paths";
import { tinyBert, tinyConfig, tinyFolder, tinyParameters } from "./tiny";

const changed = (change: (parameters: ReturnType<typeof tinyParameters>) => void) => {
  const parameters = tinyParameters();
  change(parameters);
  return tinyFolder(parameters);
};

describe("loads", () => {
  test("a folder: configuration, parameters, tokenizer and name", () => {
    const { name, config, parameters, tokenizer, fingerprint } = tinyBert();
    expect(name).toBe("tiny");
    expect(config).toEqual(tinyConfig);
    expect(parameters).toEqual(tinyParameters());
    expect(tokenizer.encode("word0 WORD5", "word99", 16)).toEqual({
      ids: [2, 5, 10, 3, 104, 3],
      types: [0, 0, 0, 0, 1, 1],
    });
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  test("names without the prefix, and in another order", () => {
    const bare = [...tinyParameters()]
      .reverse()
      .map(([name, t]) => [name.replace(/^bert\./, ""), t] as const);
    expect([...loadPretrained(tinyFolder(new Map(bare))).parameters]).toEqual([
      ...tinyParameters(),
    ]);
  });

  test("a checkpoint without a pooler", () => {
    expect([...tinyBert({ pooler: false }).parameters.keys()]).toEqual([
      ...encoderShapes(tinyConfig).keys(),
    ]);
  });

  test("a checkpoint that brings heads and buffers of its own, leaving them out", () => {
    const folder = changed((p) => {
      p.set("cls.predictions.bias", { shape: [105], data: new Float32Array(105) });
      p.set("classifier.weight", { shape: [3, 32], data: new Float32Array(96) });
      p.set("bert.embeddings.position_ids", { shape: [1, 40], data: new Float32Array(40) });
    });
    expect(loadPretrained(folder).parameters).toEqual(tinyParameters());
  });

  test("the packaged encoder", () => {
    const { config, parameters, name } = loadPretrained(minilmFolder);
    expect(name).toBe("all-minilm-l6-v2");
    expect(config).toMatchObject({ layers: 6, hiddenSize: 384, heads: 12, intermediateSize: 1536 });
    expect([...parameters.values()].reduce((n, t) => n + t.data.length, 0)).toBe(22_713_216);
    // Its pooler was never trained: the bias is exactly 0.
    expect(parameters.get("bert.pooler.dense.bias")!.data.every((x) => x === 0)).toBe(true);
  });
});

describe("the fingerprint", () => {
  const fingerprint = (folder: string) => loadPretrained(folder).fingerprint;

  test("is the same for the same files and changes with weights, configuration and vocabulary", () => {
    const folder = tinyFolder();
    const original = fingerprint(folder);
    expect(fingerprint(tinyFolder())).toBe(original);
    expect(
      fingerprint(
        changed((p) => {
          p.get("bert.embeddings.LayerNorm.bias")!.data[0]! += 1;
        }),
      ),
    ).not.toBe(original);
    const vocabulary = path.join(folder, "vocab.txt");
    writeFileSync(vocabulary, readFileSync(vocabulary, "utf8").replace("word7\n", "seven\n"));
    const afterVocabulary = fingerprint(folder);
    expect(afterVocabulary).not.toBe(original);
    const config = path.join(folder, "config.json");
    writeFileSync(
      config,
      readFileSync(config, "utf8").replace(
        '"hidden_dropout_prob":0.1',
        '"hidden_dropout_prob":0.2',
      ),
    );
    expect(fingerprint(folder)).not.toBe(afterVocabulary);
  });
});

describe("refuses, naming file and tensor,", () => {
  test.each<[string, () => string, RegExp]>([
    [
      "missing tensors",
      () => changed((p) => p.delete("bert.encoder.layer.1.output.dense.bias")),
      /model\.safetensors.*missing: bert\.encoder\.layer\.1\.output\.dense\.bias;/,
    ],
    [
      "unknown tensors",
      () =>
        changed((p) =>
          p.set("bert.encoder.layer.2.output.dense.bias", {
            shape: [32],
            data: new Float32Array(32),
          }),
        ),
      /unknown: bert\.encoder\.layer\.2/,
    ],
    [
      "tensors of another shape",
      () =>
        changed((p) =>
          p.set("bert.embeddings.LayerNorm.bias", { shape: [16], data: new Float32Array(16) }),
        ),
      /shapes: bert\.embeddings\.LayerNorm\.bias is \[16\], expected \[32\]/,
    ],
    [
      "half a pooler",
      () => changed((p) => p.delete("bert.pooler.dense.bias")),
      /missing: bert\.pooler\.dense\.bias/,
    ],
    [
      "weights cut short",
      () => {
        const folder = tinyFolder();
        const file = path.join(folder, "model.safetensors");
        writeFileSync(file, readFileSync(file).subarray(0, 30_000));
        return folder;
      },
      /model\.safetensors: cut short/,
    ],
    [
      "a configuration that is not JSON",
      () => {
        const folder = tinyFolder();
        writeFileSync(path.join(folder, "config.json"), "{");
        return folder;
      },
      /config\.json: not JSON/,
    ],
    [
      "a vocabulary larger than the embeddings",
      () => {
        const folder = tinyFolder();
        writeFileSync(
          path.join(folder, "vocab.txt"),
          `${readFileSync(path.join(folder, "vocab.txt"), "utf8")}\none\nmore`,
        );
        return folder;
      },
      /vocab.*107.*105/,
    ],
    [
      "a folder that is not there",
      () => "/nowhere/at-all",
      /\/nowhere\/at-all\/config\.json is missing; expected a Hugging Face folder/,
    ],
  ])("%s", (_, folder, message) => {
    expect(() => loadPretrained(folder())).toThrow(message);
  });
});

describe("saves a classifier", () => {
  const pretrained = tinyBert();
  const classifier = (outputs: number) => {
    const random = seededRandom(1, "classifier");
    return new Map([
      ...pretrained.parameters,
      [
        "classifier.weight",
        { shape: [outputs, 32], data: Float32Array.from({ length: outputs * 32 }, random.normal) },
      ],
      ["classifier.bias", { shape: [outputs], data: new Float32Array(outputs) }],
    ]);
  };

  test("that loads again, tokenizer included", () => {
    const folder = path.join(tinyFolder(), "saved");
    saveClassifier(folder, {
      pretrained,
      parameters: classifier(2),
      target: { kind: "classes", labels: ["different", "paraphrase"] },
    });
    const loaded = loadPretrained(folder);
    expect(loaded.parameters).toEqual(pretrained.parameters);
    expect(loaded.tokenizer.encode("word3", undefined, 8).ids).toEqual([2, 8, 3]);
    expect(JSON.parse(readFileSync(path.join(folder, "config.json"), "utf8"))).toMatchObject({
      architectures: ["BertForSequenceClassification"],
      id2label: { 0: "different", 1: "paraphrase" },
      label2id: { different: 0, paraphrase: 1 },
      problem_type: "single_label_classification",
    });
  });

  test("but not one that BertForSequenceClassification has no place for", () => {
    const folder = path.join(tinyFolder(), "saved");
    const target = { kind: "score" } as const;
    const save = (parameters: ReturnType<typeof classifier>) => () =>
      saveClassifier(folder, { pretrained, parameters, target });
    expect(save(classifier(2))).toThrow(/1 outputs has no place for, or needs: classifier\.weight/);
    const withAdapter = classifier(1).set("bert.encoder.layer.0.output.adapter.up.bias", {
      shape: [32],
      data: new Float32Array(32),
    });
    expect(save(withAdapter)).toThrow(/adapter\.up\.bias; merge the method first/);
  });
});

test("a file written over another is whole: the draft replaces it at the end", () => {
  const folder = tinyFolder();
  writeSafetensors(path.join(folder, "model.safetensors"), tinyParameters({ pooler: false }));
  expect(loadPretrained(folder).parameters.size).toBe(encoderShapes(tinyConfig).size);
});
