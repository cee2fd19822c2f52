import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dataFolder, root } from "../../../src/setup/paths";
import { fillBetween } from "../markdown";
import { values } from "../report";
import { type KernelFigures, type KernelReport, kernelMarkdown, kernelShortfalls } from "./report";

const good: KernelFigures = {
  version: "",
  conformance: { test_error: "passed", test_pager: "passed" },
  control: 2,
  lines: { arrived: 10_000_000, printed: 10_000_000, whole: true, idle: true },
  signature: [],
  ipc: true,
  order: true,
  interrupts: { "synchronous loop": [], "chain of sleeps": [] },
  launch: launch(90, 700, 4000, 100, 190),
  ratio: launch(0.1, 0.6, 0.6, 2, 0.9),
  growth: values([1, 1.1, 0.9]),
};
const bad: KernelFigures = {
  ...good,
  version: "1.2",
  conformance: { test_error: "AssertionError", test_pager: "skipped" },
  control: null,
  lines: { arrived: 51_000, printed: 10_000_000, whole: false, idle: false },
  signature: ["reply"],
  ipc: false,
  order: false,
  interrupts: { "synchronous loop": [], "chain of sleeps": ["goes on", "prints later"] },
  ratio: launch(0.51, 1.01, 1.5, 1, 1.6),
  growth: values([2.5]),
};

function launch(info: number, small: number, source: number, idle: number, memory: number) {
  const one = (value: number) => values([value]);
  return {
    ...{ info: one(info), small: one(small), source: one(source) },
    ...{ idle: one(idle), memory: one(memory) },
  };
}

const report = (peftlab: KernelFigures): KernelReport => ({
  measured: "2026-11-01",
  machine: { processor: "a processor", cores: 2, memoryGiB: 8, system: "Linux" },
  busy: null,
  repetitions: 10,
  node: "24.0.0",
  kernels: { peftlab, tslab: bad, deno: bad, python3: { ...bad, launch: withoutSource() } },
  checks: { tight: values([1.2]), realistic: values([1]) },
});
const withoutSource = () => ({ ...good.launch, source: null });

test("a kernel that reaches everything falls short of nothing", () => {
  expect(kernelShortfalls(report(good))).toEqual([]);
});

test("what it falls short of is named, one line each", () => {
  const lines = kernelShortfalls(report(bad));
  expect(lines).toHaveLength(2 + 5);
  expect(lines.join("\n")).toContain("test_pager: skipped");
  expect(lines.join("\n")).toContain("memory over tslab's: 1.60, expected at most 1.5");
  const failing = { ...good, ratio: { ...good.ratio, source: null } };
  expect(kernelShortfalls(report(failing))).toEqual([
    "launch to an import's reply over tslab's: nothing, expected at most 1",
  ]);
});

test("the table has a column a kernel, and names what fails", () => {
  const rows = kernelMarkdown(report(good)).split("\n");
  const row = (label: string) =>
    rows
      .find((line) => line.startsWith(`| ${label}`))!
      .split(" | ")
      .slice(1);
  expect(rows[0]).toBe("|  | ours | tslab 1.2 | Deno 1.2 | ipykernel 1.2 |");
  expect(row("checks of jupyter_kernel_test passed").slice(0, 2)).toEqual(["2 of 2", "0 of 2"]);
  expect(row("checks failed").slice(0, 2)).toEqual(["none", "error, pager"]);
  expect(row("control")[1]).toBe("never");
  expect(row("100,000 lines").slice(0, 2)).toEqual([
    "10.00 of 10.00, idle",
    "0.05 of 10.00, not whole, never idle",
  ]);
  expect(row("interrupts that do not")[1]).toBe("chain of sleeps (goes on, prints later)");
  expect(row("launch to the reply of `import")[3]).toBe("cannot run it |");
});

const file = join(dataFolder, "bench", "kernel.json");

describe.runIf(existsSync(file))("the figures that the project quotes", () => {
  const read = (): KernelReport => JSON.parse(readFileSync(file, "utf8"));

  test("were measured on an idle machine, and reach what is expected", () => {
    expect(read().busy).toBeNull();
    expect(kernelShortfalls(read())).toEqual([]);
  });

  test("environment.md quotes them as they are", () => {
    const text = readFileSync(join(root, "environment.md"), "utf8");
    expect(text).toContain("<!-- bench:kernel -->");
    expect(fillBetween(text, "bench:kernel", kernelMarkdown(read()))).toBe(text);
  });
});
