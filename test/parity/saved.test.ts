import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { loadPretrained, type SavedTarget, saveClassifier } from "../../src/models";
import { adapt, headOnly, lora } from "../../src/peft";
import { minilmFolder, root } from "../../src/setup/paths";
import { inputsOf, largest, run } from "../models/run";
import { peersPython } from "../peers/environment";

const pairs = [
  ["The kettle whistled.", "A whistle came from the kettle."],
  ["Nobody saw the café's owner leave.", "The owner stayed."],
] as const;

// `npm run parity` installs transformers; the file's form is checked everywhere, by test/models/checkpoint.test.ts.
describe.runIf(existsSync(peersPython))("transformers loads a saved classifier", () => {
  // PyTorch takes its time to load where the machine is busy.
  vi.setConfig({ testTimeout: 600_000 });
  const pretrained = loadPretrained(minilmFolder);
  const encodings = pairs.map(([a, b]) => pretrained.tokenizer.encode(a, b, 128));
  const tokens = Math.max(...encodings.map(({ ids }) => ids.length));
  const padded = (values: readonly number[]) => [
    ...values,
    ...new Array(tokens - values.length).fill(0),
  ];
  const batch = {
    ids: encodings.map(({ ids }) => padded(ids)),
    types: encodings.map(({ types }) => padded(types)),
    mask: encodings.map(({ ids }) => padded(ids.map(() => 1))),
  };

  test.each<[string, SavedTarget, object]>([
    [
      "of two classes",
      { kind: "classes", labels: ["different", "paraphrase"] },
      { labels: { 0: "different", 1: "paraphrase" }, problem: "single_label_classification" },
    ],
    ["of a score", { kind: "score" }, { labels: { 0: "LABEL_0" }, problem: "regression" }],
  ])("%s, after merging LoRA, and says the same", (_, target, expected) => {
    const outputs = target.kind === "classes" ? 2 : 1;
    const model = adapt({ pretrained, method: lora(), head: "pooler", outputs, seed: 3 });
    const trained = new Map(
      [...model.parameters].map(([name, { shape, data }]) => [
        name,
        { shape, data: name.includes("lora_B") ? data.map((_, i) => Math.sin(i)) : data },
      ]),
    );
    const logits = run(trained, (p) => model.logits(p, inputsOf(batch)));
    const untrained = adapt({ pretrained, method: headOnly(), head: "pooler", outputs, seed: 3 });
    expect(
      largest(
        logits,
        run(untrained.parameters, (p) => untrained.logits(p, inputsOf(batch))),
      ),
    ).toBeGreaterThan(1e-3);

    const folder = path.join(mkdtempSync(path.join(tmpdir(), "peftlab-saved-")), "model");
    try {
      saveClassifier(folder, { pretrained, parameters: model.merge(model.delta(trained)), target });
      const script = path.join(root, "test/parity/saved.py");
      const said = JSON.parse(
        execFileSync(peersPython, ["-I", script, folder, JSON.stringify(pairs)], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        }),
      );
      expect(said).toMatchObject({
        kind: "BertForSequenceClassification",
        misfits: [],
        ...expected,
      });
      expect(largest(logits, said.logits)).toBeLessThan(1e-4);
    } finally {
      rmSync(path.dirname(folder), { recursive: true });
    }
  });
});
