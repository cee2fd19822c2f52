import { expect, test } from "vitest";
import { busyWarning, thisMachine } from "./machine";

test("an idle machine is measured without a word, a busy one with a warning", () => {
  expect(busyWarning(0.1)).toBeUndefined();
  expect(busyWarning(1.7)).toContain("1.7 processes");
});

test("the machine is described", () => {
  const { processor, cores, memoryGiB, system, instructions } = thisMachine();
  expect(processor).not.toBe("");
  expect(cores).toBeGreaterThan(0);
  expect(memoryGiB).toBeGreaterThan(0);
  expect(system).toContain(process.arch);
  if (process.platform === "linux" && process.arch === "x64")
    expect(instructions).toContain("avx2");
});
