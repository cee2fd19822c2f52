import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  defineTask,
  isGlueTest,
  readRows,
  submission,
  type Task,
  taskNames,
  tasks,
} from "../../src/glue";
import { realGlue } from "./real";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "peftlab-input-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(content: string, task: Task, name = "input.tsv") {
  const file = join(folder, name);
  await writeFile(file, content);
  return readRows(file, task);
}

describe("rows to predict for", () => {
  const pair = { text: "A.", pair: 'B "c".' };
  const cases: [string, Task, string, object][] = [
    ["GLUE's test file of CoLA", tasks.cola, "index\tsentence\n0\tA.\n", { id: "0", text: "A." }],
    ["CoLA's labelled files", tasks.cola, "gj04\t0\t*\tA.\n", { text: "A." }],
    ["one sentence a line", tasks.cola, "A.\n", { text: "A." }],
    [
      "GLUE's test file of MRPC",
      tasks.mrpc,
      'index\t#1 ID\t#2 ID\t#1 String\t#2 String\n0\t8\t9\tA.\tB "c".\n',
      { id: "0", ...pair },
    ],
    ["MRPC's positions", tasks.mrpc, '1\t8\t9\tA.\tB "c".\n', pair],
    [
      "sentence1 and sentence2 in any order",
      tasks.mrpc,
      'sentence2\tsentence1\nB "c".\tA.\n',
      pair,
    ],
    ["two columns", tasks.stsb, 'A.\tB "c".\n', pair],
    ["a number and two columns", tasks.stsb, '4\tA.\tB "c".\n', { id: "4", ...pair }],
    ["STS-B's positions", tasks.stsb, '4\tg\tf\ty\t1\tn\tn\tA.\tB "c".\n', { id: "4", ...pair }],
  ];
  test.each(cases)("%s", async (_, task, content, row) => {
    expect(await read(content, task)).toEqual([row]);
  });

  test("CSV and JSON Lines", async () => {
    const csv = 'sentence1,sentence2\nA.,"B ""c""."\n';
    expect(await read(csv, tasks.mrpc, "input.csv")).toEqual([pair]);
    const json = JSON.stringify({ sentence1: pair.text, sentence2: pair.pair });
    expect(await read(json, tasks.mrpc, "input.jsonl")).toEqual([pair]);
  });

  test("a task of one's own has its own columns", async () => {
    const task = defineTask({
      name: "mine",
      rows: { train: [{ premise: "a", claim: "b", verdict: "no" }] },
      columns: { text: "premise", pair: "claim", target: "verdict" },
      labels: ["no", "yes"],
      metrics: ["accuracy"],
    });
    expect(await read('claim\tpremise\nB "c".\tA.\n', task)).toEqual([pair]);
  });

  test.each([
    ["a short row", "sentence1\tsentence2\nA.\n", /input\.tsv:2: 1 column, expected 2/],
    ["an empty text", "A.\tB.\n \tC.\n", /input\.tsv:2: empty text in column 1/],
    ["unknown columns", "a\tb\tc\td\n", /input\.tsv:1: the columns are .*; expected sentence1 and/],
    ["nothing", "\n", /input\.tsv: the file is empty/],
    ["only a header", "sentence1\tsentence2\n", /input\.tsv: no rows below the header/],
  ])("%s is an error", async (_, content, message) => {
    await expect(read(content, tasks.mrpc)).rejects.toThrow(message);
  });
});

describe("GLUE's submission", () => {
  test("classes are written as GLUE's 0 and 1", () => {
    const { name, text } = submission(tasks.mrpc, new Int32Array(1725).fill(1, 0, 1));
    expect(name).toBe("MRPC.tsv");
    expect(text.split("\n").slice(0, 3)).toEqual(["index\tprediction", "0\t1", "1\t0"]);
    expect(text.trimEnd().split("\n")).toHaveLength(1726);
  });

  test("scores have three decimals and stay in the range", () => {
    const { name, text } = submission(tasks.stsb, [5.2, -0.1, 2.71849, ...new Array(1376).fill(0)]);
    expect(name).toBe("STS-B.tsv");
    expect(text.split("\n").slice(1, 4)).toEqual(["0\t5.000", "1\t0.000", "2\t2.718"]);
  });

  test("another number of predictions is an error", () => {
    expect(() => submission(tasks.cola, [1])).toThrow(
      "1 predictions, but GLUE's CoLA test file has 1063 rows",
    );
  });

  test("other rows are not taken for GLUE's test file", () => {
    expect(isGlueTest(tasks.cola, [{ text: "A.", id: "0" }])).toBe(false);
    const rows = Array.from({ length: 1063 }, (_, row) => ({ text: "A.", id: String(row) }));
    expect(isGlueTest(tasks.cola, rows)).toBe(true);
    expect(isGlueTest(tasks.cola, [...rows].reverse())).toBe(false);
  });
});

describe.runIf(realGlue)("real GLUE", () => {
  test.each(taskNames)("%s: the test file loads whole", async (name) => {
    const task = tasks[name];
    const rows = await readRows(join(realGlue!, task.folder, "test.tsv"), task);
    expect(isGlueTest(task, rows)).toBe(true);
    expect(rows.every(({ target }) => target === undefined)).toBe(true);
  });
});
