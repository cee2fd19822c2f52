import { checkBody, checkWidth, columnsOf, type Line, parseTsv } from "./delimited";
import { DataError, excerpt } from "./errors";
import { targetField, textField } from "./fields";
import type { GlueTask } from "./tasks";
import { readText } from "./text";
import type { GlueTaskName, Row } from "./types";

/** A labelled row, and what its validation part is stratified by besides its target. */
export interface LabelledRow extends Row {
  readonly target: number;
  readonly genre?: string;
}

/** Columns of a labelled file of GLUE, in order. */
interface Layout {
  /** CoLA's files have none. */
  readonly header?: readonly string[];
  readonly width: number;
  readonly text: number;
  readonly pair?: number;
  readonly target: number;
  readonly id?: number;
  readonly genre?: number;
}

function withHeader(header: readonly string[], columns: Omit<Layout, "header" | "width">): Layout {
  return { header, width: header.length, ...columns };
}

export const layouts: Readonly<Record<GlueTaskName, Layout>> = {
  cola: { width: 4, target: 1, text: 3 },
  mrpc: withHeader(["Quality", "#1 ID", "#2 ID", "#1 String", "#2 String"], {
    target: 0,
    text: 3,
    pair: 4,
  }),
  stsb: withHeader(
    [
      "index",
      "genre",
      "filename",
      "year",
      "old_index",
      "source1",
      "source2",
      "sentence1",
      "sentence2",
      "score",
    ],
    { id: 0, genre: 1, text: 7, pair: 8, target: 9 },
  ),
};

/** GLUE's own labels are 0 and 1. */
export const digits = ["0", "1"] as const;

/** The rows of a labelled GLUE file (`train.tsv`, `dev.tsv`). Throws `DataError` at the first row that is none. */
export async function readLabelled(file: string, task: GlueTask): Promise<LabelledRow[]> {
  const records = parseTsv(await readText(file));
  if (records.length === 0) throw new DataError(file, undefined, "the file is empty");
  const layout = layouts[task.name];
  const rows = layout.header ? body(records, layout.header, file) : records;
  return rows.map(({ line, cells }) => {
    checkWidth(cells, layout.width, file, line);
    const text = (column: number) =>
      textField(cells[column]!, layout.header?.[column] ?? `column ${column + 1}`, file, line);
    const targetName = layout.header?.[layout.target] ?? `column ${layout.target + 1}`;
    return {
      text: text(layout.text),
      ...(layout.pair === undefined ? {} : { pair: text(layout.pair) }),
      target: targetField(cells[layout.target]!, task, targetName, file, line, digits),
      ...(layout.id === undefined ? {} : { id: cells[layout.id]! }),
      ...(layout.genre === undefined ? {} : { genre: cells[layout.genre]! }),
    };
  });
}

function body(records: Line[], expected: readonly string[], file: string): Line[] {
  const [header, ...rows] = records as [Line, ...Line[]];
  if (header.cells.includes(expected[0]!)) columnsOf(header, file);
  if (header.cells.join("\t") !== expected.join("\t"))
    throw new DataError(
      file,
      header.line,
      `the header is ${excerpt(header.cells.join(" | "))}, expected ${expected.join(" | ")}`,
    );
  checkBody(rows, header, file);
  return rows;
}

/** That a file has the rows GLUE's has, so that a truncated one or another's is noticed. */
export function checkCounts(
  rows: readonly LabelledRow[],
  task: GlueTask,
  split: "train" | "dev",
  file: string,
): void {
  const expected = task.rows[split];
  if (rows.length !== expected)
    throw new DataError(
      file,
      undefined,
      `${rows.length} rows, but GLUE's has ${expected}: truncated, or another file. ` +
        "For data of your own write a task (defineTask)",
    );
  task.labelCounts?.[split].forEach((count, label) => {
    const found = rows.filter((row) => row.target === label).length;
    if (found !== count)
      throw new DataError(
        file,
        undefined,
        `${found} rows with label ${label}, but GLUE's has ${count}`,
      );
  });
}
