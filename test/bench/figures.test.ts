import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { dataFolder, root } from "../../src/setup/paths";
import { fillBetween } from "./markdown";
import { type TrainingReport, trainingMarkdown } from "./report";

const file = join(dataFolder, "bench", "training.json");

const readReport = (): TrainingReport => JSON.parse(readFileSync(file, "utf8"));

describe.runIf(existsSync(file))("the figures that the project quotes", () => {
  test("were measured on an idle machine, all three methods", () => {
    const { busy, methods } = readReport();
    expect(busy).toBeNull();
    expect(methods.map(({ method }) => method)).toEqual(["full", "bitfit", "lora"]);
  });

  test.each(["README.md", "environment.md"])("%s quotes them as they are", (page) => {
    const text = readFileSync(join(root, page), "utf8");
    expect(fillBetween(text, "bench:training", trainingMarkdown(readReport()))).toBe(text);
  });
});
