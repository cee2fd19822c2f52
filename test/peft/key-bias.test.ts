import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { compile, eager } from "../../src/engine";
import { loadPretrained } from "../../src/models";
import { adapt, bitfit, stepOf } from "../../src/peft";
import { minilmFolder, root } from "../../src/setup/paths";
import { feedOf } from "../models/run";

describe("the key bias has no gradient: softmax cancels what it adds", () => {
  const pretrained = loadPretrained(minilmFolder);
  const { batch } = JSON.parse(
    readFileSync(path.join(root, "test/fixtures/models/states.json"), "utf8"),
  );
  const rows = batch.ids.length;
  const model = adapt({ pretrained, method: bitfit(), head: "pooler", outputs: 2, seed: 1 });

  test.each([
    ["eager", eager],
    ["compiled", compile],
  ])("%s: in every layer of the packaged encoder", (_, make) => {
    const step = make(stepOf(model, { target: "classes", optimizer: { kind: "sgd", clip: null } }));
    const feed = {
      ...feedOf(batch),
      targets: Int32Array.from({ length: rows }, (_, i) => i % 2),
    };
    const gradients = step.gradients(feed, { seed: 3 });
    step.dispose();
    const largest = (name: string) =>
      gradients.get(name)!.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    for (let layer = 0; layer < pretrained.config.layers; layer++) {
      const bias = (map: string) =>
        largest(`bert.encoder.layer.${layer}.attention.self.${map}.bias`);
      expect(bias("query")).toBeGreaterThan(0);
      expect(bias("key")).toBeLessThanOrEqual(1e-5 * bias("query"));
    }
  });
});
