import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { compile, type HostTensor, type ParameterMap, type StepDefinition } from "../../src/engine";
import { isHead, readSafetensors, writeSafetensors } from "../../src/models";
import { type AdaptedModel, adapt, headOnly, stepOf } from "../../src/peft";
import { feedOf, inputsOf, largest, run } from "../models/run";
import { tinyBert } from "../models/tiny";
import { rows as batch, labelled } from "./batch";
import { rows, titleOf } from "./table";

const pretrained = tinyBert();
const loaded = structuredClone(pretrained.parameters);
const options = { pretrained, head: "pooler", outputs: 2, seed: 4 } as const;
const base = adapt({ ...options, method: headOnly() });

/** Outputs without dropout. */
const logits = (model: AdaptedModel, parameters: ParameterMap) =>
  run(parameters, (p) => model.logits(p, inputsOf(batch)));
const features = (model: AdaptedModel, parameters: ParameterMap) =>
  run(parameters, (p) => model.features(p, inputsOf(batch)));

/** Five steps of AdamW with dropout on; gives every parameter as it is on the device afterwards. */
function trained(model: AdaptedModel): Map<string, HostTensor> {
  const definition: StepDefinition = {
    ...stepOf(model, {
      target: "classes",
      optimizer: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: 1 },
    }),
    predict: (parameters) => parameters,
  };
  const step = compile(definition);
  for (let i = 0; i < 5; i++) step.train(labelled, { learningRate: 5e-3, seed: 6 });
  const values = step.evaluate(feedOf(batch));
  step.dispose();
  return new Map(Object.entries(values));
}

const same = (a: HostTensor, b: HostTensor) => a.data.every((x, i) => x === b.data[i]);

describe.each(rows.map((row) => [titleOf(row), row] as const))("%s", (_, row) => {
  const model = adapt({ ...options, method: row.method });
  const trains = (name: string) => isHead(name) || (row.trains?.test(name) ?? false);
  let after: Map<string, HostTensor>;
  let delta: ParameterMap;
  beforeAll(() => {
    after = trained(model);
    delta = model.delta(after);
  });

  test("starts as the base model", () => {
    const difference = largest(logits(model, model.parameters), logits(base, base.parameters));
    if (row.start === 0) expect(difference).toBe(0);
    else expect(difference).toBeLessThan(row.start);
  });

  test("training changes its own parameters and the head, and nothing else", () => {
    expect([...after.keys()].sort()).toEqual([...model.parameters.keys()].sort());
    const changed = [...after].filter(([name, value]) => !same(value, model.parameters.get(name)!));
    const expected = [...model.parameters.keys()].filter(trains);
    expect(changed.map(([name]) => name).sort()).toEqual(expected.sort());
    expect([...model.trained].sort()).toEqual(expected);
    expect(largest(logits(model, after), logits(model, model.parameters))).toBeGreaterThan(1e-3);
  });

  test("disabling restores the base output bit for bit", () => {
    const disabled = model.disable(delta);
    expect([...disabled.keys()].sort()).toEqual([...base.parameters.keys()].sort());
    expect(features(base, disabled)).toEqual(features(base, base.parameters));
    // And the values as loaded were never written to.
    expect(pretrained.parameters).toEqual(loaded);
  });

  test("a file holds its own parameters and the head, and gives the same output", () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), "peftlab-delta-")), "delta.safetensors");
    writeSafetensors(file, delta);
    const read = readSafetensors(file);
    expect([...read.keys()].sort()).toEqual([...model.parameters.keys()].filter(trains).sort());
    expect(logits(model, model.restore(read))).toEqual(logits(model, after));
  });

  test(row.merges ? "merged equals unmerged" : "cannot be merged, and says so", () => {
    expect(model.mergeable).toBe(row.merges);
    if (!row.merges) {
      expect(() => model.merge(delta)).toThrow(/cannot be folded into the encoder/);
      return;
    }
    const merged = model.merge(delta);
    expect([...merged.keys()].sort()).toEqual([...base.parameters.keys()].sort());
    expect(largest(logits(base, merged), logits(model, after))).toBeLessThan(1e-5);
  });

  test("weight decay spares biases, layer norms and masks", () => {
    const [decaying, spared] = [0.01, 0].map((decay) =>
      model.groups.filter((group) => group.decay === decay).flatMap((group) => [...group.names]),
    );
    expect([...decaying!, ...spared!].sort()).toEqual([...model.trained].sort());
    expect(decaying!.filter((name) => /bias$|LayerNorm|delta$/.test(name))).toEqual([]);
    expect(spared!.filter((name) => !/bias$|LayerNorm|delta$/.test(name))).toEqual([]);
  });

  test("counts its trained parameters by the closed form", () => {
    const all = [...pretrained.parameters].reduce(
      (n, [name, t]) => n + (isHead(name) ? 0 : t.data.length),
      0,
    );
    const { encoder, head, trainable, total } = model.counts;
    expect(encoder).toBe(row.count({ L: 2, d: 32, all }));
    expect(head).toBe(32 * 32 + 32 + 2 * 32 + 2);
    expect(trainable).toBe(encoder + head);
    const added =
      encoder -
      [...pretrained.parameters].reduce(
        (n, [name, t]) => n + (model.trained.includes(name) && !isHead(name) ? t.data.length : 0),
        0,
      );
    expect(total).toBe(all + added + head);
  });

  test("starts from its seed", () => {
    const again = adapt({ ...options, method: row.method });
    expect(again.parameters).toEqual(model.parameters);
    const other = adapt({ ...options, method: row.method, seed: 5 });
    expect(other.parameters.get("classifier.weight")).not.toEqual(
      model.parameters.get("classifier.weight"),
    );
    expect(other.parameters.get("bert.pooler.dense.weight")).toEqual(
      model.parameters.get("bert.pooler.dense.weight"),
    );
  });
});
