import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dataFolder, root } from "../../src/setup/paths";
import { figuresOf, type Part, parts } from "./comparisons";
import { fillBetween } from "./markdown";
import type { BenchReport } from "./report";
import { benchMarkdown } from "./table";

const all = parts.flatMap((part) => (["cpu", "gpu"] as const).map((device) => ({ part, device })));

describe.each(all)("the figures of $part on the $device that the project quotes", (which) => {
  const { part, device } = which;
  const name = figuresOf(part, device);
  const file = join(dataFolder, "bench", `${name}.json`);
  const there = existsSync(file);
  const read = (): BenchReport => JSON.parse(readFileSync(file, "utf8"));

  test.runIf(there)(
    "were measured on an idle machine, on real data, every row or named as missing",
    () => {
      const report = read();
      expect(report.part).toBe(part);
      expect(report.busy).toBeNull();
      expect(report.data).toBe(part === "training" ? null : "GLUE");
      expect(!!report.machine.graphics).toBe(device === "gpu");
      // A card is at hand for minutes; what was measured once says so.
      expect(report.repetitions).toBeGreaterThanOrEqual(device === "gpu" ? 1 : 5);
      const more = part === "training" && device === "gpu" ? 1 : 0;
      expect(report.rows.length + report.notMeasured.length).toBe(rows[part] + more);
    },
  );

  test.runIf(there)("stand in README.md as they are", () => {
    const text = readFileSync(join(root, "README.md"), "utf8");
    expect(text).toContain(`<!-- bench:${name} -->`);
    expect(fillBetween(text, `bench:${name}`, benchMarkdown(read()))).toBe(text);
  });
});

const rows: Readonly<Record<Part, number>> = {
  training: 9,
  epochs: 3,
  evaluation: 3,
  tokenising: 1,
};
