import { describe, expect, test } from "vitest";
import type { HostTensor } from "../../src/engine";
import { adapt, bitfit, full, houlsby, lora, type Method, pfeiffer } from "../../src/peft";
import { tinyBert } from "../models/tiny";

const pretrained = tinyBert();
const options = { pretrained, head: "pooler", outputs: 2, seed: 1 } as const;

describe("a checkpoint that does not fit is refused, by name", () => {
  const model = adapt({ ...options, method: lora() });
  const delta = new Map<string, HostTensor>(model.delta(model.parameters));
  const changed = (change: (delta: Map<string, HostTensor>) => void) => {
    const copy = new Map(delta);
    change(copy);
    return () => model.restore(copy);
  };
  const name = "bert.encoder.layer.0.attention.self.query.lora_A.weight";

  test("missing, foreign and ill-shaped parameters", () => {
    expect(changed((d) => d.delete(name))).toThrow(name);
    expect(
      changed((d) =>
        d.set("bert.encoder.layer.0.output.dense.bias", delta.get("classifier.bias")!),
      ),
    ).toThrow(
      /do not belong to lora on tiny with 2 outputs.*: bert\.encoder\.layer\.0\.output\.dense\.bias$/,
    );
    expect(
      changed((d) => d.set("classifier.bias", { shape: [3], data: new Float32Array(3) })),
    ).toThrow(/classifier\.bias/);
    expect(model.restore(delta)).toEqual(model.parameters);
  });

  test("of another method", () => {
    const other = adapt({ ...options, method: bitfit() });
    expect(() => other.restore(delta)).toThrow(/do not belong to bitfit/);
  });
});

describe("a method that does not fit is refused", () => {
  const method = (name: string, size: number): Method => ({
    ...bitfit(),
    adds: () => [{ name, shape: [4], initial: () => new Float32Array(size), decays: false }],
  });

  test("whose names are taken, or whose start values are too few", () => {
    expect(() => adapt({ ...options, method: method("classifier.bias", 4) })).toThrow(
      /bitfit adds classifier\.bias, which the model already has/,
    );
    expect(() => adapt({ ...options, method: method("own", 3) })).toThrow(
      /starts own with 3 values, its shape \[4\] has 4/,
    );
  });

  test("whose reduction does not divide the width", () => {
    expect(() => adapt({ ...options, method: pfeiffer({ reduction: 5 }) })).toThrow(
      /reduction 5 does not divide the hidden size 32/,
    );
  });
});

test("a frozen pooler is left to the method", () => {
  const pooler = (method: Method) =>
    adapt({ ...options, method, head: "frozen-pooler" }).trained.filter((name) =>
      name.includes("pooler"),
    );
  expect(pooler(bitfit())).toEqual(["bert.pooler.dense.bias"]);
  expect(pooler(full())).toEqual(["bert.pooler.dense.weight", "bert.pooler.dense.bias"]);
  expect(pooler(houlsby())).toEqual([]);
});

test("a pooler that the checkpoint lacks is part of what is saved", () => {
  const model = adapt({ ...options, pretrained: tinyBert({ pooler: false }), method: lora() });
  const delta = model.delta(model.parameters);
  expect([...delta.keys()].filter((name) => name.includes("pooler"))).toHaveLength(2);
  expect(model.restore(delta)).toEqual(model.parameters);
});
