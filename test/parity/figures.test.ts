import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accuracy, binaryF1 } from "../../src/glue/metrics";
import { dataFolder, root } from "../../src/setup/paths";
import { fillBetween } from "../bench/markdown";
import { realGlue } from "../glue/real";
import { methods, readRecord, sides } from "./record";
import { type ParityReport, planMrpc } from "./run";
import { compareSides, parityMarkdown } from "./table";

const folder = join(dataFolder, "parity");
const file = join(folder, "mrpc.json");

const readReport = (): ParityReport => JSON.parse(readFileSync(file, "utf8"));
const readRecords = (report: ParityReport) =>
  methods.flatMap((method) =>
    sides.flatMap((side) =>
      report.seeds.map((seed) => {
        const found = readRecord(join(folder, "mrpc"), { side, method, seed }, report.plan);
        if (!found) throw new Error(`no record of ${side} ${method} ${seed} under ${report.plan}`);
        return found;
      }),
    ),
  );

describe.runIf(existsSync(file))("the figures that the project quotes", () => {
  test("follow from the records and are within the bounds", () => {
    const report = readReport();
    expect(report.seeds).toHaveLength(5);
    const rows = compareSides(readRecords(report), report);
    expect(rows).toEqual(report.rows);
    expect(rows.flatMap((row) => row.failures)).toEqual([]);
  });

  test.each(["README.md", "environment.md"])("%s quotes them as they are", (page) => {
    const text = readFileSync(join(root, page), "utf8");
    expect(fillBetween(text, "parity:mrpc", parityMarkdown(readReport().rows))).toBe(text);
  });

  test.runIf(realGlue)("were made with MRPC as it is, and score what they predict", async () => {
    const report = readReport();
    const { plan, hash } = await planMrpc({ environment: { PEFTLAB_GLUE: realGlue } });
    expect(hash).toBe(report.plan);
    const labels = plan.dev.map(({ label }) => label);
    for (const record of readRecords(report)) {
      const predictions = [...record.predictions].map(Number);
      expect(record.accuracy).toBeCloseTo(100 * accuracy(predictions, labels), 9);
      expect(record.f1).toBeCloseTo(100 * binaryF1(predictions, labels), 9);
    }
  });
});
