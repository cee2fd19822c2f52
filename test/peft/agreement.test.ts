import { describe, test } from "vitest";
import { adapt, stepOf } from "../../src/peft";
import { expectAgreement } from "../engine/agreement";
import { feedOf } from "../models/run";
import { tinyBert } from "../models/tiny";
import { rows as batch, labelled } from "./batch";
import { rows, titleOf } from "./table";

const pretrained = tinyBert();
const optimizer = { kind: "sgd", clip: 1 } as const;

/** A batch of another size: the first five tokens of two rows. */
const short = {
  ids: batch.ids.slice(0, 2).map((row) => row.slice(0, 5)),
  types: batch.types.slice(0, 2).map((row) => row.slice(0, 5)),
  mask: batch.mask.slice(0, 2).map((row) => row.slice(0, 5)),
};

describe("eager and compiled agree, dropout on", () => {
  test.each(rows.map((row) => [titleOf(row), row.method] as const))("%s", (_, method) => {
    const model = adapt({ pretrained, method, head: "pooler", outputs: 2, seed: 4 });
    expectAgreement(
      stepOf(model, { target: "classes", optimizer }),
      [labelled, { ...feedOf(short), targets: Int32Array.of(0, 1) }],
      { learningRate: 1e-3, noGradient: (name) => name.endsWith("key.bias") },
    );
  });

  test.each(["mean", "frozen-pooler"] as const)("a score behind the head %s", (head) => {
    const method = rows.find((row) => row.method.name === "bitfit")!.method;
    const model = adapt({ pretrained, method, head, outputs: 1, seed: 4 });
    const feed = { ...labelled, targets: Float32Array.of(0.3, -1.2, 5) };
    expectAgreement(stepOf(model, { target: "score", optimizer }), [feed], {
      learningRate: 1e-3,
      noGradient: (name) => name.endsWith("key.bias"),
    });
  });
});
