import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dataFolder, root } from "../../src/setup/paths";
import { type Part, parts } from "./comparisons";
import { fillBetween } from "./markdown";
import type { BenchReport } from "./report";
import { benchMarkdown } from "./table";

const file = (part: Part) => join(dataFolder, "bench", `${part}.json`);
describe.each(parts)("the figures of %s that the project quotes", (part) => {
  const there = existsSync(file(part));
  const read = (): BenchReport => JSON.parse(readFileSync(file(part), "utf8"));

  test.runIf(there)(
    "were measured on an idle machine, on real data, every row or named as missing",
    () => {
      const report = read();
      expect(report.part).toBe(part);
      expect(report.busy).toBeNull();
      expect(report.data).toBe(part === "training" ? null : "GLUE");
      expect(report.repetitions).toBeGreaterThanOrEqual(5);
      expect(report.rows.length + report.notMeasured.length).toBe(rows[part]);
    },
  );

  test.runIf(there)("stand in README.md as they are", () => {
    const text = readFileSync(join(root, "README.md"), "utf8");
    expect(text).toContain(`<!-- bench:${part} -->`);
    expect(fillBetween(text, `bench:${part}`, benchMarkdown(read()))).toBe(text);
  });
});

const rows: Readonly<Record<Part, number>> = {
  training: 9,
  epochs: 3,
  evaluation: 3,
  tokenising: 1,
};
