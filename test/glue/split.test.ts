import { describe, expect, test } from "vitest";
import { loadTask, subset } from "../../src/glue";
import { carve, groupByText, nestedSubset } from "../../src/glue/split";
import { stratumOf } from "../../src/glue/targets";
import { taskNames, tasks } from "../../src/glue/tasks";
import type { Row, Task, TaskData } from "../../src/glue/types";
import { realGlue } from "./real";

const texts = (rows: readonly Row[]) =>
  new Set(rows.flatMap(({ text, pair }) => (pair === undefined ? [text] : [text, pair])));

/** Share of each stratum. */
function shares(rows: readonly Row[], task: Task): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const name = stratumOf(task, row);
    counts.set(name, (counts.get(name) ?? 0) + 1 / rows.length);
  }
  return counts;
}

function expectSound({ task, train, validation }: TaskData) {
  const seen = texts(train);
  expect([...texts(validation)].filter((text) => seen.has(text))).toEqual([]);
  const all = shares([...train, ...validation], task);
  for (const [name, share] of shares(validation, task))
    expect(Math.abs(share - all.get(name)!) * validation.length).toBeLessThan(3);
}

function expectNested({ task, train }: TaskData) {
  const fractions = [0.01, 0.1, 0.3, 0.5, 1];
  for (const seed of [1, 2]) {
    let smaller: readonly Row[] = [];
    for (const fraction of fractions) {
      const rows = subset(train, fraction, seed, task);
      expect(rows).toHaveLength(Math.round(fraction * train.length));
      const inside = new Set(rows);
      expect(smaller.every((row) => inside.has(row))).toBe(true);
      const all = shares(train, task);
      for (const [name, share] of shares(rows, task))
        expect(Math.abs(share - all.get(name)!) * rows.length).toBeLessThan(2);
      smaller = rows;
    }
  }
  expect(subset(train, 1, 1, task)).toEqual(train);
  expect(subset(train, 0.3, 1, task)).toEqual(subset(train, 0.3, 1, task));
  expect(subset(train, 0.3, 1, task)).not.toEqual(subset(train, 0.3, 2, task));
}

describe.each(taskNames)("%s, sample corpus", (name) => {
  const offline = { environment: { HF_HUB_OFFLINE: "1" }, folder: "/nowhere", say: () => {} };

  test("validation shares no sentence with train, and is stratified and proportional", async () => {
    const data = await loadTask(name, offline);
    const { rows, validation } = tasks[name];
    expect(data.validation).toHaveLength(Math.round((validation / rows.train) * 1000));
    expect(data.train.length + data.validation.length).toBe(1000);
    expectSound(data);
  });

  test("fractions are nested and stratified", async () => {
    expectNested(await loadTask(name, offline));
  });
});

describe.runIf(realGlue)("real GLUE", () => {
  const options = { environment: { PEFTLAB_GLUE: realGlue } };

  test.each(taskNames)("%s: validation of the size laid down", async (name) => {
    const data = await loadTask(name, options);
    expect(data.validation).toHaveLength({ mrpc: 500, cola: 900, stsb: 700 }[name]);
    expect(data.train.length + data.validation.length).toBe(tasks[name].rows.train);
    expect(data.test).toHaveLength(tasks[name].rows.dev);
    expectSound(data);
    expectNested(data);
  });

  test.each([
    ["mrpc", 527],
    // And one row whose two sentences are the same.
    ["stsb", 1282],
  ] as const)("%s: %i train rows share a sentence with another", async (name, expected) => {
    const { train, validation } = await loadTask(name, options);
    const groups = [...groupByText(train), ...groupByText(validation)];
    const sharing = groups.filter((group) => group.length > 1).flat().length;
    expect(sharing).toBe(expected);
  });
});

test("rows are joined through others", () => {
  const rows = [
    { text: "a", pair: "b" },
    { text: "c", pair: "d" },
    { text: "b", pair: " c " },
    { text: "e", pair: "f" },
  ];
  expect(groupByText(rows)).toEqual([[0, 1, 2], [3]]);
});

test("a group larger than its share stays whole, and the size is still exact", () => {
  const rows = Array.from({ length: 40 }, (_, row) => ({
    text: row < 20 ? "the same" : `text ${row}`,
    pair: `pair ${row}`,
  }));
  const stratum = ({ text }: { text: string }) => (text === "the same" ? "large" : "single");
  const { kept, carved } = carve(rows, 10, stratum, "seed");
  expect(carved).toHaveLength(10);
  expect(carved.filter(({ text }) => text === "the same")).toHaveLength(0);
  expect(kept).toHaveLength(30);
});

test.each([0, -0.1, 1.1, Number.NaN])("a fraction of %d is an error", (fraction) => {
  expect(() => nestedSubset([1, 2], fraction, String, "seed")).toThrow(`fraction is ${fraction}`);
});
