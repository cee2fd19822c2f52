import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defineTask, loadTask, type TaskDefinition, taskNamed } from "../../src/glue";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "peftlab-own-"));
});
afterAll(() => rm(folder, { recursive: true }));

const moods = ["bad", "good"];
const reviews = (count: number) =>
  Array.from({ length: count }, (_, row) => ({
    text: `review "${row}", long`,
    mood: moods[row % 2]!,
  }));

const definition = (more: Partial<TaskDefinition>): TaskDefinition => ({
  name: "reviews",
  columns: { text: "text", target: "mood" },
  labels: moods,
  metrics: ["accuracy", "f1"],
  ...more,
});

async function write(name: string, content: string) {
  await writeFile(join(folder, name), content);
  return name;
}

/** The same rows in each format; GLUE's TSV has quotes as text, CSV quotes fields. */
const formats: Record<string, (rows: ReturnType<typeof reviews>) => string> = {
  "train.tsv": (rows) =>
    `text\tmood\n${rows.map(({ text, mood }) => `${text}\t${mood}\n`).join("")}`,
  "train.csv": (rows) =>
    `mood,text\r\n${rows.map(({ text, mood }) => `${mood},"${text.replaceAll('"', '""')}"\r\n`).join("")}`,
  "train.jsonl": (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
};

describe("a task of one's own", () => {
  test.each(Object.keys(formats))("%s", async (name) => {
    const rows = reviews(100);
    await write(name, formats[name]!(rows));
    const data = await loadTask(defineTask(definition({ files: { train: name } }), folder));
    expect(data.source).toEqual({ kind: "own", from: name });
    expect([data.train.length, data.validation.length, data.test.length]).toEqual([70, 10, 20]);
    const found = [...data.train, ...data.validation, ...data.test]
      .map(({ text, target }) => ({ text, mood: moods[target!]! }))
      .sort((a, b) => Number(/\d+/.exec(a.text)) - Number(/\d+/.exec(b.text)));
    expect(found).toEqual(rows);

    const given = await loadTask(defineTask(definition({ rows: { train: rows } })));
    expect(given.fingerprint).toBe(data.fingerprint);
  });

  test("from a JSON file, by its path, with files beside it", async () => {
    await write("train.tsv", formats["train.tsv"]!(reviews(40)));
    await write("test.jsonl", '{"text":"fine","mood":"good"}\n{"text":"no","mood":"bad"}\n');
    const path = join(
      folder,
      await write(
        "my-task.json",
        JSON.stringify(definition({ files: { train: "train.tsv", test: "test.jsonl" } })),
      ),
    );
    const data = await loadTask(path);
    expect(data.task.name).toBe("reviews");
    expect(data.test).toEqual([
      { text: "fine", target: 1 },
      { text: "no", target: 0 },
    ]);
    expect(data.train.length + data.validation.length).toBe(40);
    expect(data.validation).toHaveLength(5);
  });

  test("pairs with scores, and columns by position", async () => {
    const lines = Array.from({ length: 30 }, (_, row) => `${row}\ta${row}\tb${row}\t${row % 11}`);
    await write("scores.tsv", lines.join("\n"));
    const task = defineTask(
      {
        name: "alike",
        files: { train: "scores.tsv" },
        columns: { id: "0", text: "1", pair: "2", target: "3" },
        range: [0, 10],
        metrics: ["spearman"],
      },
      folder,
    );
    expect(task.pair).toBe(true);
    const { train, validation, test } = await loadTask(task);
    expect([...train, ...validation, ...test]).toHaveLength(30);
    expect([...train, ...validation, ...test].find(({ id }) => id === "13")).toEqual({
      id: "13",
      text: "a13",
      pair: "b13",
      target: 2,
    });
  });

  test("numbers and truth values in JSON Lines are labels by their text", async () => {
    await write("labels.jsonl", '{"text":"a","mood":1}\n{"text":"b","mood":0}\n'.repeat(1));
    const task = definition({
      labels: ["0", "1"],
      files: { train: "labels.jsonl", validation: "labels.jsonl", test: "labels.jsonl" },
    });
    const { train } = await loadTask(defineTask(task, folder));
    expect(train.map(({ target }) => target)).toEqual([1, 0]);
  });

  test("a quoted CSV field may hold commas, quotes and line ends", async () => {
    await write("quoted.csv", 'text,mood\n"one, ""two""\nthree",good\nplain,bad\n');
    const files = { train: "quoted.csv", validation: "quoted.csv", test: "quoted.csv" };
    const { train } = await loadTask(defineTask(definition({ files }), folder));
    expect(train).toEqual([
      { text: 'one, "two"\nthree', target: 1 },
      { text: "plain", target: 0 },
    ]);
  });
});

describe("wrong definitions name the field", () => {
  const rows = { train: reviews(10) };
  const wrong: [string, Partial<Record<keyof TaskDefinition, unknown>>, RegExp][] = [
    ["a GLUE name", { rows, name: "mrpc" }, /name: is the name of a GLUE task/],
    ["a name that is no file name", { rows, name: "my task" }, /name: expected lower-case/],
    ["neither files nor rows", {}, /files: expected either files or rows/],
    ["labels and range", { rows, range: [0, 1] }, /labels: expected either labels .* or range/],
    ["one label", { rows, labels: ["bad"] }, /labels: /],
    ["a label twice", { rows, labels: ["bad", "bad"] }, /labels: a label stands twice/],
    [
      "a range upside down",
      { rows, labels: undefined, range: [5, 0], metrics: ["pearson"] },
      /range: expected the lower end/,
    ],
    [
      "a metric of the other kind",
      { rows, metrics: ["pearson"] },
      /metrics: pearson is not for classes/,
    ],
    ["an unknown metric", { rows, metrics: ["bleu"] }, /metrics\.0: /],
    [
      "F1 of three labels",
      { rows, labels: ["a", "b", "c"], metrics: ["f1"] },
      /metrics: f1 is for two labels/,
    ],
    ["no target column", { rows, columns: { text: "text" } }, /columns\.target: /],
    ["an unknown field", { rows, label: ["a"] } as never, /label/],
  ];
  test.each(wrong)("%s", (_, change, message) => {
    expect(() => defineTask(definition(change as Partial<TaskDefinition>))).toThrow(message);
  });

  test("an unknown task says which there are", async () => {
    await expect(taskNamed("mrcp")).rejects.toThrow('no task "mrcp"; there are mrpc, cola, stsb');
    await expect(taskNamed("./none.json")).rejects.toThrow('no task "./none.json"');
  });
});

describe("wrong rows name file and line", () => {
  const cases: [string, string, string, RegExp][] = [
    [
      "an unknown label",
      "a.tsv",
      "text\tmood\nfine\tok\n",
      /a\.tsv:2: mood is "ok", expected one of bad, good/,
    ],
    [
      "no such column",
      "b.csv",
      "txt,mood\nfine,good\n",
      /b\.csv:1: no column text; there are txt, mood/,
    ],
    [
      "an open quote",
      "c.csv",
      'text,mood\n"fine,good\n',
      /c\.csv:2: a quoted field that does not end/,
    ],
    [
      "a stray quote",
      "d.csv",
      'text,mood\nfi"ne,good\n',
      /d\.csv:2: a quote inside an unquoted field/,
    ],
    [
      "text after a quote",
      "e.csv",
      'text,mood\n"fi"ne,good\n',
      /e\.csv:2: text after a closing quote/,
    ],
    [
      "a short row after a long field",
      "f.csv",
      'text,mood\n"a\nb",good\nfine\n',
      /f\.csv:4: 1 column, expected 2/,
    ],
    ["no JSON", "g.jsonl", '{"text":"a","mood":"good"}\n{"text":\n', /g\.jsonl:2: no JSON/],
    ["no object", "h.jsonl", "[1]\n", /h\.jsonl:1: .* is no JSON object/],
    [
      "a missing field",
      "i.jsonl",
      '{"text":"a","mood":"good"}\n{"text":"a"}\n',
      /i\.jsonl:2: no mood/,
    ],
    [
      "an object for a text",
      "j.jsonl",
      '{"text":{},"mood":"good"}\n',
      /j\.jsonl:1: text holds "{}"/,
    ],
    ["an empty text", "k.tsv", "text\tmood\n \tgood\n", /k\.tsv:2: empty text in text/],
    [
      "a column twice",
      "l.csv",
      "text,mood,text\na,good,b\n",
      /l\.csv:1: the header has the column "text" twice/,
    ],
    ["only a header", "m.csv", "text,mood\n", /m\.csv: no rows below the header/],
  ];
  test.each(cases)("%s", async (_, name, content, message) => {
    await write(name, content);
    const task = defineTask(definition({ files: { train: name } }), folder);
    await expect(loadTask(task)).rejects.toThrow(message);
  });

  test("rows given in place, by their number", async () => {
    const rows = { train: [...reviews(3), { text: "fine", mood: "ok" }] };
    await expect(loadTask(defineTask(definition({ rows })))).rejects.toThrow(
      'rows.train:4: mood is "ok"',
    );
  });

  test("too few rows to carve from", async () => {
    const task = defineTask(definition({ rows: { train: reviews(2) } }));
    await expect(loadTask(task)).rejects.toThrow("2 train rows are too few");
  });
});
