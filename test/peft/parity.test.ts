import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { compile, type ParameterMap } from "../../src/engine";
import { loadPretrained } from "../../src/models";
import {
  type AdaptedModel,
  adapt,
  headOnly,
  type Method,
  methodByName,
  stepOf,
} from "../../src/peft";
import { minilmFolder, root } from "../../src/setup/paths";
import { feedOf, inputsOf, largest, type Rows, run } from "../models/run";

interface LabelledRows extends Rows {
  readonly labels: readonly number[];
}

interface Steps {
  readonly batches: readonly LabelledRows[];
  /** Factors on the learning rate: warm-up, then linear. */
  readonly rates: readonly number[];
  readonly runs: readonly {
    readonly method: string;
    readonly target: "classes" | "score";
    readonly rate: number;
    readonly trainable: number;
    readonly classifier: readonly number[];
    readonly losses: readonly number[];
  }[];
}

interface Methods {
  readonly batch: LabelledRows;
  readonly classifier: readonly number[];
  readonly rate: number;
  readonly rows: readonly {
    readonly method: string;
    readonly settings: Record<string, unknown>;
    readonly trainable: number;
    readonly logits: readonly number[];
    readonly losses: readonly number[];
  }[];
}

const fixture = (name: string) =>
  JSON.parse(readFileSync(path.join(root, "test/fixtures/peft", name), "utf8"));
const steps: Steps = fixture("steps.json");
const methods: Methods = fixture("methods.json");

const loaded = loadPretrained(minilmFolder);
/** Dropout off, as on the other side. */
const pretrained = {
  ...loaded,
  config: { ...loaded.config, hiddenDropout: 0, attentionDropout: 0 },
};

/** A model whose classifier starts from given values. */
function modelWith(method: Method, classifier: readonly number[]): AdaptedModel {
  const { hiddenSize } = pretrained.config;
  const outputs = classifier.length / hiddenSize;
  const model = adapt({ pretrained, method, head: "pooler", outputs, seed: 1 });
  const weight = { shape: [outputs, hiddenSize], data: Float32Array.from(classifier) };
  return { ...model, parameters: new Map(model.parameters).set("classifier.weight", weight) };
}

/** Losses of compiled steps over the batches, one rate a step. */
function train(
  model: AdaptedModel,
  target: "classes" | "score",
  batches: readonly LabelledRows[],
  rates: readonly number[],
): number[] {
  const step = compile(
    stepOf(model, {
      target,
      optimizer: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: 1 },
    }),
  );
  const losses = batches.map((rows, i) =>
    step.train(
      {
        ...feedOf(rows),
        targets:
          target === "classes" ? Int32Array.from(rows.labels) : Float32Array.from(rows.labels),
      },
      { learningRate: rates[i]!, seed: 0 },
    ),
  );
  step.dispose();
  return losses;
}

function expectRelative(own: readonly number[], theirs: readonly number[], bound: number): void {
  expect(own).toHaveLength(theirs.length);
  for (const [i, loss] of theirs.entries())
    expect(Math.abs(own[i]! / loss - 1), `loss ${i}`).toBeLessThan(bound);
}

describe("twenty training steps equal PyTorch's: AdamW, decay, warm-up and decline, clipping", () => {
  test.each(steps.runs)("$method on $target: every loss within 1e-3 relative", (theirs) => {
    const model = modelWith(methodByName(theirs.method), theirs.classifier);
    expect(model.counts.trainable).toBe(theirs.trainable);
    const rates = steps.rates.map((factor) => theirs.rate * factor);
    const losses = train(model, theirs.target, steps.batches, rates);
    expect(losses).toHaveLength(20);
    expectRelative(losses, theirs.losses, 1e-3);
  });
});

/** Values that both sides make from a parameter's name; as `wave` of test/parity/fixtures.py. */
function wave(name: string, size: number): Float32Array {
  const phase = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 97;
  return Float32Array.from({ length: size }, (_, i) => 0.05 * Math.sin(0.37 * i + phase));
}

describe("methods with parameters of their own equal PyTorch's (LoRA: the library peft)", () => {
  describe.each(methods.rows)(
    "$method $settings",
    ({ method, settings, trainable, logits, losses }) => {
      const start = modelWith(methodByName(method, settings), methods.classifier);
      const parameters = new Map(
        [...start.parameters].map(([name, value]) => [
          name,
          /lora_|\.adapter\./.test(name)
            ? { shape: value.shape, data: wave(name, value.data.length) }
            : value,
        ]),
      );
      const model = { ...start, parameters };
      const output = (of: AdaptedModel, values: ParameterMap) =>
        run(values, (p) => of.logits(p, inputsOf(methods.batch)));

      test("trained numbers and logits", () => {
        expect(model.counts.trainable).toBe(trainable);
        expect(largest(output(model, parameters), logits)).toBeLessThan(1e-4);
        // The method's values matter: the start is another output.
        expect(largest(output(start, start.parameters), logits)).toBeGreaterThan(1e-3);
      });

      test("every loss of six steps within 1e-3 relative", () => {
        const batches = losses.map(() => methods.batch);
        expectRelative(
          train(
            model,
            "classes",
            batches,
            losses.map(() => methods.rate),
          ),
          losses,
          1e-3,
        );
      });

      if (method === "lora")
        test("logits after merging", () => {
          const merged = model.merge(model.delta(parameters));
          const plain = modelWith(headOnly(), methods.classifier);
          expect(largest(output(plain, merged), logits)).toBeLessThan(1e-4);
        });
    },
  );
});
