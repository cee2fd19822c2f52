import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { canonicalJson, hashOf } from "../../src/experiments/hash";

test("one value has one form, whatever the order of its keys", () => {
  const a = {
    task: "mrpc",
    method: { settings: { r: 8, targets: ["query", "value"] }, name: "lora" },
  };
  const b = {
    method: { name: "lora", settings: { targets: ["query", "value"], r: 8 } },
    task: "mrpc",
  };
  expect(canonicalJson(a)).toBe(
    '{"method":{"name":"lora","settings":{"r":8,"targets":["query","value"]}},"task":"mrpc"}',
  );
  expect(canonicalJson(b)).toBe(canonicalJson(a));
  expect(hashOf(a)).toBe(createHash("sha256").update(canonicalJson(a)).digest("hex"));
});

test("order within lists, and every value, counts", () => {
  const hashes = [[1, 2], [2, 1], [1, 2, null], ["1", "2"], { 0: 1, 1: 2 }].map(hashOf);
  expect(new Set(hashes).size).toBe(hashes.length);
});

test("what JSON cannot hold is refused, with its place", () => {
  expect(() => canonicalJson({ budget: { steps: Number.NaN } })).toThrow("$.budget.steps is NaN");
  expect(() => canonicalJson({ seeds: [1, undefined] })).toThrow("$.seeds[1] is undefined");
});
