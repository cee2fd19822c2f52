import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { compile } from "../../src/engine";
import { loadPretrained, type Pretrained } from "../../src/models";
import { adapt, methodByName, stepOf } from "../../src/peft";
import { minilmFolder, root } from "../../src/setup/paths";

interface Fixture {
  readonly batches: readonly {
    readonly tokens: number;
    readonly ids: number[][];
    readonly types: number[][];
    readonly mask: number[][];
    readonly labels: number[];
  }[];
  /** Factors on the learning rate: warm-up, then linear. */
  readonly rates: readonly number[];
  readonly runs: readonly {
    readonly method: string;
    readonly target: "classes" | "score";
    readonly rate: number;
    readonly trainable: number;
    readonly classifier: number[];
    readonly losses: readonly number[];
  }[];
}

const { batches, rates, runs }: Fixture = JSON.parse(
  readFileSync(path.join(root, "test/fixtures/peft/steps.json"), "utf8"),
);

/** Dropout off, as on the other side. */
function withoutDropout(pretrained: Pretrained): Pretrained {
  return { ...pretrained, config: { ...pretrained.config, hiddenDropout: 0, attentionDropout: 0 } };
}

describe("twenty training steps equal PyTorch's: AdamW, decay, warm-up and decline, clipping", () => {
  const pretrained = withoutDropout(loadPretrained(minilmFolder));

  test.each(runs)("$method on $target: every loss within 1e-3 relative", (run) => {
    const outputs = run.target === "classes" ? 2 : 1;
    const adapted = adapt({
      pretrained,
      method: methodByName(run.method),
      head: "pooler",
      outputs,
      seed: 1,
    });
    expect(adapted.counts.trainable).toBe(run.trainable);
    const parameters = new Map(adapted.parameters).set("classifier.weight", {
      shape: [outputs, pretrained.config.hiddenSize],
      data: Float32Array.from(run.classifier),
    });
    const batch = batches[0]!.labels.length;
    const shapes = [...new Set(batches.map(({ tokens }) => tokens))].map((tokens) => ({
      batch,
      tokens,
    }));
    const step = compile(
      stepOf(
        { ...adapted, parameters },
        {
          target: run.target,
          optimizer: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: 1 },
          shapes: { train: shapes, evaluate: [] },
        },
      ),
    );
    const losses = batches.map(({ tokens, ids, types, mask, labels }, i) =>
      step.train(
        { batch, tokens },
        {
          ids: Int32Array.from(ids.flat()),
          types: Int32Array.from(types.flat()),
          mask: Int32Array.from(mask.flat()),
          targets: run.target === "classes" ? Int32Array.from(labels) : Float32Array.from(labels),
          weights: new Float32Array(batch).fill(1),
        },
        { learningRate: run.rate * rates[i]!, seed: 0 },
      ),
    );
    step.dispose();
    const worst = Math.max(...losses.map((loss, i) => Math.abs(loss / run.losses[i]! - 1)));
    expect(losses).toHaveLength(20);
    expect(worst).toBeLessThan(1e-3);
  });
});
