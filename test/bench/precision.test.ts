import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dataFolder, root } from "../../src/setup/paths";
import { fillBetween } from "./markdown";
import { type PrecisionReport, type PrecisionRun, precisionMarkdown } from "./precision";

const file = join(dataFolder, "bench", "precision.json");
const nameOf = ({ task, on, precision }: PrecisionRun) => `${task} ${on} ${precision}`;
const read = (): PrecisionReport => JSON.parse(readFileSync(file, "utf8"));

test("the table has means with deviations, and the largest difference of one seed", () => {
  const run = (precision: PrecisionRun["precision"], seed: number, score: number): PrecisionRun => {
    return { device: "cpu", on: "a processor", task: "mrpc", precision, seed, score };
  };
  const runs = [
    ...[run("float32", 1, 0.7), run("float32", 2, 0.8)],
    ...[run("bfloat16", 1, 0.71), run("bfloat16", 2, 0.77)],
  ];
  const [, , row] = precisionMarkdown({ epochs: 2, data: "GLUE", runs }).split("\n");
  expect(row).toBe("| MRPC, accuracy | a processor | 75.0 ± 7.1 | – | 74.0 ± 4.2 (3.0) |");
});

test.runIf(existsSync(file))(
  "its figures are of five seeds on real data, and stand in README.md",
  () => {
    const report = read();
    expect(report.data).toBe("GLUE");
    const names = new Set(report.runs.map(nameOf));
    for (const name of names) {
      const own = report.runs.filter((run) => nameOf(run) === name);
      expect(new Set(own.map(({ seed }) => seed)).size, name).toBe(5);
    }
    const text = readFileSync(join(root, "README.md"), "utf8");
    expect(text).toContain("<!-- bench:precision -->");
    expect(fillBetween(text, "bench:precision", precisionMarkdown(report))).toBe(text);
  },
);
