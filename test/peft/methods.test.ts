import { expect, test } from "vitest";
import { methodByName, methodNames } from "../../src/peft";

test("every method is found by its name and carries all its settings", () => {
  expect(methodNames).toEqual([
    "full",
    "head-only",
    "bitfit",
    "random-mask",
    "houlsby",
    "pfeiffer",
    "lora",
  ]);
  for (const name of methodNames) {
    const method = methodByName(name);
    expect(method.name).toBe(name);
    // What a record holds makes the same method again.
    expect(methodByName(name, JSON.parse(JSON.stringify(method.settings))).settings).toEqual(
      method.settings,
    );
    expect(method.learningRate).toBeGreaterThan(0);
  }
});

test("settings change what was asked for and leave the rest", () => {
  expect(methodByName("lora", { rank: 4 }).settings).toEqual({
    rank: 4,
    alpha: 8,
    targets: ["query", "value"],
  });
});

test("the order of names in a setting does not matter: one method, one description", () => {
  expect(methodByName("bitfit", { biases: ["intermediate", "query"] }).settings).toEqual(
    methodByName("bitfit", { biases: ["query", "intermediate", "query"] }).settings,
  );
  expect(methodByName("lora", { targets: ["value", "query"] }).settings).toEqual(
    methodByName("lora").settings,
  );
});

test("an unknown name is answered with the known ones", () => {
  expect(() => methodByName("bitfits")).toThrow(
    'There is no method "bitfits"; there are full, head-only, bitfit, random-mask, houlsby, pfeiffer, lora.',
  );
});

test.each<[string, unknown, RegExp]>([
  ["lora", { rnak: 4 }, /Settings of lora:.*"rnak".*Defaults: \{"rank":8/],
  ["lora", { rank: 0 }, /Settings of lora: rank:/],
  ["lora", { rank: "8" }, /rank:.*expected.*number/],
  ["lora", { targets: ["querry"] }, /targets\.0:.*"query"/],
  ["bitfit", { biases: [] }, /biases:/],
  ["houlsby", { bottleneck: 1.5 }, /bottleneck:/],
  ["full", { rank: 8 }, /Settings of full:.*"rank"/],
  ["full", null, /Settings of full:/],
])("%s refuses %j", (name, settings, message) => {
  expect(() => methodByName(name, settings)).toThrow(message);
});
