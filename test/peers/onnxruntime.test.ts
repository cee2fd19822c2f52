import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../../src/setup/paths";
import { onnxruntimeStep } from "./onnxruntime";

const read = (...path: string[]) => JSON.parse(readFileSync(join(...path), "utf8"));
const lock = read(__dirname, "onnxruntime", "package-lock.json");

test("every package is pinned by hash, and names no host", () => {
  const packages = Object.entries<{ integrity?: string; resolved?: string }>(lock.packages);
  expect(packages.length).toBeGreaterThan(2);
  for (const [name, { integrity, resolved }] of packages.filter(([name]) => name !== "")) {
    expect(integrity, name).toMatch(/^sha512-/);
    expect(resolved, name).toBeUndefined();
  }
});

test("it is a peer and no dependency of the project", () => {
  const { version } = lock.packages["node_modules/onnxruntime-node"];
  expect(read(__dirname, "onnxruntime", "package.json").dependencies).toEqual({
    "onnxruntime-node": version,
  });
  expect(readFileSync(join(root, "package-lock.json"), "utf8")).not.toContain("onnxruntime");
  expect(onnxruntimeStep().describes).toContain(version);
});
