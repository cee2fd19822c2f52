import { DataError } from "./errors";
import { textField } from "./fields";
import { isOwnTask } from "./own";
import { readTable, type Table } from "./rows";
import { type GlueTask, isGlueTaskName } from "./tasks";
import type { Row, Task } from "./types";

/** Columns of a file of sentences to predict for: names, or positions in a file without a header. */
interface Columns {
  readonly text: string;
  readonly pair?: string;
  readonly id?: string;
}

/** GLUE's own names. */
const named = {
  single: [{ text: "sentence" }],
  pair: [
    { text: "sentence1", pair: "sentence2" },
    { text: "#1 String", pair: "#2 String" },
  ],
} as const;

/** GLUE's positions by the number of columns. */
const positions: Readonly<Record<"single" | "pair", Readonly<Record<number, Columns>>>> = {
  single: { 1: { text: "0" }, 2: { id: "0", text: "1" }, 4: { text: "3" } },
  pair: {
    2: { text: "0", pair: "1" },
    3: { id: "0", text: "1", pair: "2" },
    5: { text: "3", pair: "4" },
    9: { id: "0", text: "7", pair: "8" },
    10: { id: "0", text: "7", pair: "8" },
  },
};

/**
 * Rows to predict for, from a TSV, CSV or JSONL file: a task's own column names, GLUE's names (`sentence`;
 * `sentence1` and `sentence2`; `#1 String` and `#2 String`), or GLUE's positions where there is no header. Targets
 * are not read. Throws `DataError` at the first row that is wrong.
 */
export async function readRows(file: string, task: Task): Promise<Row[]> {
  const kind = task.pair ? "pair" : "single";
  const own: Columns[] = isOwnTask(task) ? [task.definition.columns] : [];
  const known: readonly Columns[] = [...own, ...named[kind]];
  const has = (names: readonly string[], { text, pair }: Columns) =>
    names.includes(text) && (pair === undefined || names.includes(pair));
  // Names of the other kind are a header too: read as a row they would go unnoticed.
  const headers = [...known, ...named.single, ...named.pair];
  const table = await readTable(file, (cells) => headers.some((columns) => has(cells, columns)));

  const columns =
    known.find((candidate) => has(table.columns, candidate)) ?? byPosition(table, kind);
  if (!columns)
    throw new DataError(
      file,
      1,
      `the columns are ${table.columns.join(", ")}; expected ${known
        .map(({ text, pair }) => (pair ? `${text} and ${pair}` : text))
        .join(", or ")}, or GLUE's positions without a header`,
    );
  if (table.rows.length === 0) throw new DataError(file, undefined, "no rows below the header");
  const id = columns.id ?? ["index", "idx", "id"].find((name) => table.columns.includes(name));
  return table.rows.map(({ line, cell }) => {
    const text = (name: string) => {
      const value = cell(name);
      if (value === undefined) throw new DataError(file, line, `no ${name}`);
      return textField(value, /^\d+$/.test(name) ? `column ${Number(name) + 1}` : name, file, line);
    };
    const number = id === undefined ? undefined : cell(id);
    return {
      text: text(columns.text),
      ...(columns.pair === undefined ? {} : { pair: text(columns.pair) }),
      ...(number === undefined ? {} : { id: number }),
    };
  });
}

/** Only a file without a header has columns called 0, 1, 2 … */
function byPosition(table: Table, kind: "single" | "pair"): Columns | undefined {
  if (!table.columns.every((name, index) => name === String(index))) return undefined;
  return positions[kind][table.columns.length];
}

/** Whether these are the rows of GLUE's own test file, for which a submission can be written. */
export function isGlueTest(task: Task, rows: readonly Row[]): task is GlueTask {
  return (
    isGlueTaskName(task.name) &&
    rows.length === (task as GlueTask).rows.test &&
    rows.every(({ id }, index) => id === String(index))
  );
}

/** GLUE's submission: the file's name and text, from class indices or scores in the order of the test file. */
export function submission(
  task: GlueTask,
  predictions: ArrayLike<number>,
): { readonly name: string; readonly text: string } {
  if (predictions.length !== task.rows.test)
    throw new RangeError(
      `${predictions.length} predictions, but GLUE's ${task.folder} test file has ${task.rows.test} rows`,
    );
  const { target } = task;
  const shown = (value: number) => {
    if (target.kind === "classes") return String(value);
    const [low, high] = target.range;
    return Math.min(high, Math.max(low, value)).toFixed(3);
  };
  const lines = Array.from(predictions, (value, index) => `${index}\t${shown(value)}\n`);
  return { name: `${task.folder}.tsv`, text: `index\tprediction\n${lines.join("")}` };
}
