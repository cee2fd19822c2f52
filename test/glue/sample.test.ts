import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readLabelled } from "../../src/glue/files";
import { sampleFiles } from "../../src/glue/sample";
import { taskNames, tasks } from "../../src/glue/tasks";
import { sampleFolder } from "../../src/setup/paths";

const files = sampleFiles();

test("the generator makes the committed files, byte for byte", async () => {
  const committed = await readdir(sampleFolder, { recursive: true });
  expect(committed.filter((name) => name.endsWith(".tsv")).sort()).toEqual(
    [...files.keys()].sort(),
  );
  for (const [name, text] of files)
    expect(await readFile(join(sampleFolder, name), "utf8"), name).toBe(text);
});

describe.each(taskNames)("%s", (name) => {
  const task = tasks[name];
  const read = (split: string) =>
    readLabelled(join(sampleFolder, task.folder, `${split}.tsv`), task);

  test("1000 and 200 rows, no pair twice, no sentence on both sides", async () => {
    const [train, dev] = [await read("train"), await read("dev")];
    expect([train.length, dev.length]).toEqual([1000, 200]);
    const rows = [...train, ...dev].map(({ text, pair }) => `${text}\t${pair}`);
    expect(new Set(rows).size).toBe(1200);
    const texts = new Set(train.flatMap(({ text, pair }) => [text, pair]));
    for (const { text, pair } of dev) {
      expect(texts.has(text)).toBe(false);
      if (pair !== undefined) expect(texts.has(pair)).toBe(false);
    }
  });

  test("targets are spread", async () => {
    const rows = await read("train");
    if (task.target.kind === "classes") {
      const positive = rows.filter(({ target }) => target === 1).length;
      expect(positive).toBeGreaterThan(550);
      expect(positive).toBeLessThan(700);
    } else {
      const fifths = [0, 1, 2, 3, 4].map(
        (fifth) => rows.filter(({ target }) => Math.min(4, Math.floor(target)) === fifth).length,
      );
      for (const count of fifths) expect(count).toBeGreaterThan(100);
    }
  });

  test("words do not give a pair's class away", async () => {
    if (name !== "mrpc") return;
    const words = (text: string) => new Set(text.toLowerCase().split(/\W+/));
    const overlap = ({ text, pair }: { text: string; pair?: string }) => {
      const [a, b] = [words(text), words(pair!)];
      return [...a].filter((word) => b.has(word)).length / Math.max(a.size, b.size);
    };
    const mean = (label: number, rows: Awaited<ReturnType<typeof read>>) => {
      const those = rows.filter(({ target }) => target === label).map(overlap);
      return those.reduce((sum, value) => sum + value, 0) / those.length;
    };
    const rows = await read("train");
    expect(mean(0, rows)).toBeGreaterThan(0.5);
    expect(mean(1, rows) - mean(0, rows)).toBeLessThan(0.2);
  });
});
