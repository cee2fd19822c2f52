import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DataError } from "../../src/glue";
import { checkCounts, readLabelled } from "../../src/glue/files";
import { taskNames, tasks } from "../../src/glue/tasks";
import type { GlueTaskName } from "../../src/glue/types";
import { realGlue } from "./real";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "peftlab-files-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(task: GlueTaskName, content: string | Uint8Array) {
  const file = join(folder, "train.tsv");
  await writeFile(file, content);
  return readLabelled(file, tasks[task]);
}

const mrpc = "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n";
const stsb =
  "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n";

describe("GLUE's formats", () => {
  test("CoLA: four columns, no header, the label in the second", async () => {
    expect(await read("cola", "gj04\t1\t\tIt is.\nks08\t0\t*\tIs it it.\n")).toEqual([
      { text: "It is.", target: 1 },
      { text: "Is it it.", target: 0 },
    ]);
  });

  test("MRPC: quotation marks are text, also where they do not pair", async () => {
    const rows = await read("mrpc", `${mrpc}1\t1\t2\t"Yes, he said.\tHe said "yes""\n`);
    expect(rows).toEqual([{ text: '"Yes, he said.', pair: 'He said "yes""', target: 1 }]);
  });

  test("STS-B: score, index and genre", async () => {
    const row = "7\tmain-news\tf\t2012\t1\tnone\tnone\tA dog.\tA hound.\t4.200\n";
    expect(await read("stsb", stsb + row)).toEqual([
      { text: "A dog.", pair: "A hound.", target: 4.2, id: "7", genre: "main-news" },
    ]);
  });

  test("a byte order mark, Windows line ends and a missing last line end", async () => {
    const rows = await read("mrpc", `\uFEFF${mrpc}0\t1\t2\tA.\tB.`.replaceAll("\n", "\r\n"));
    expect(rows).toEqual([{ text: "A.", pair: "B.", target: 0 }]);
  });
});

describe("malformed files stop with file, line and reason", () => {
  const cases: [string, GlueTaskName, string | Uint8Array, RegExp][] = [
    [
      "too few columns",
      "cola",
      "a\t1\t\tOne.\nb\t1\tTwo.\n",
      /train\.tsv:2: 3 columns, expected 4/,
    ],
    ["too many columns", "mrpc", `${mrpc}1\t1\t2\tA\tB\tC\n`, /:2: 6 columns, expected 5/],
    ["a label out of range", "cola", "a\t2\t\tOne.\n", /:1: column 2 is "2", expected one of 0, 1/],
    ["a label that is none", "mrpc", `${mrpc}yes\t1\t2\tA\tB\n`, /:2: Quality is "yes"/],
    [
      "a score out of range",
      "stsb",
      `${stsb}0\tg\tf\ty\t1\tn\tn\tA\tB\t5.1\n`,
      /:2: score is "5.1", expected a number from 0 to 5/,
    ],
    ["a missing score", "stsb", `${stsb}0\tg\tf\ty\t1\tn\tn\tA\tB\t\n`, /:2: score is ""/],
    ["an empty text", "mrpc", `${mrpc}1\t1\t2\tA\t \n`, /:2: empty text in #2 String/],
    ["an empty line", "cola", "a\t1\t\tOne.\n\nb\t1\t\tTwo.\n", /:2: 1 column, expected 4/],
    [
      "broken UTF-8",
      "cola",
      Buffer.from([...Buffer.from("a\t1\t\tOne.\nb\t1\t\tTw"), 0xc3, 0x28, 10]),
      /:2: bytes that are not UTF-8/,
    ],
    [
      "a file cut within a letter",
      "cola",
      Buffer.from([...Buffer.from("a\t1\t\tOne.\nb\t1\t\tcaf"), 0xc3]),
      /:2: bytes that are not UTF-8/,
    ],
    ["a row cut off", "mrpc", `${mrpc}1\t1\t2\tA\tB\n0\t3\t4\tC`, /:3: 4 columns, expected 5/],
    ["another task's file", "mrpc", stsb, /:1: the header is .* expected Quality \| #1 ID/],
    ["a header where none is", "cola", "index\tsentence\n0\tOne.\n", /:1: 2 columns, expected 4/],
    ["no header", "mrpc", "1\t1\t2\tA\tB\n", /:1: the header is/],
    [
      "the header twice",
      "mrpc",
      `${mrpc}1\t1\t2\tA\tB\n${mrpc}`,
      /:3: the header stands here again/,
    ],
    [
      "a column twice",
      "stsb",
      stsb.replace("year", "genre"),
      /:1: the header has the column "genre" twice/,
    ],
    ["an empty file", "cola", "", /train\.tsv: the file is empty/],
    ["a page instead of a file", "cola", "<!DOCTYPE html>\n", /:1: 1 column, expected 4/],
  ];

  test.each(cases)("%s", async (_, task, content, message) => {
    const error = await read(task, content).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toMatch(message);
  });

  test("a file cut between rows is noticed by its count", async () => {
    const rows = await read("mrpc", `${mrpc}1\t1\t2\tA\tB\n`);
    expect(() => checkCounts(rows, tasks.mrpc, "dev", "dev.tsv")).toThrow(
      /dev\.tsv: 1 rows, but GLUE's has 408: truncated, or another file/,
    );
  });

  test("labels that were changed are noticed by their counts", () => {
    const rows = Array.from({ length: 408 }, (_, row) => ({
      text: "A",
      pair: "B",
      target: row < 130 ? 0 : 1,
    }));
    expect(() => checkCounts(rows, tasks.mrpc, "dev", "dev.tsv")).toThrow(
      "130 rows with label 0, but GLUE's has 129",
    );
  });

  test("no file", async () => {
    await expect(readLabelled(join(folder, "none.tsv"), tasks.cola)).rejects.toThrow(
      "no such file",
    );
  });
});

describe.runIf(realGlue)("real GLUE", () => {
  test.each(taskNames)("%s: every row loads", async (name) => {
    const task = tasks[name];
    for (const split of ["train", "dev"] as const) {
      const file = join(realGlue!, task.folder, `${split}.tsv`);
      checkCounts(await readLabelled(file, task), task, split, file);
    }
  });
});
