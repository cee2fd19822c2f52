import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { DataError } from "./errors";
import { targetField, textField } from "./fields";
import { cellText, readTable } from "./rows";
import { taskNames } from "./tasks";
import type { MetricName, Row, Task } from "./types";

const classMetrics = ["accuracy", "f1", "matthews"] as const;
const scoreMetrics = ["pearson", "spearman"] as const;

const column = z.string().min(1);
const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const record = z.record(z.string(), cell);

const definition = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]*$/, "expected lower-case letters, digits, '.', '_' and '-'")
      .refine(
        (name) => !(taskNames as readonly string[]).includes(name),
        "is the name of a GLUE task",
      ),
    files: z
      .strictObject({
        train: z.string().min(1),
        validation: z.string().min(1).optional(),
        test: z.string().min(1).optional(),
      })
      .optional(),
    rows: z
      .strictObject({
        train: z.array(record).min(1),
        validation: z.array(record).min(1).optional(),
        test: z.array(record).min(1).optional(),
      })
      .optional(),
    columns: z.strictObject({
      text: column,
      pair: column.optional(),
      target: column,
      id: column.optional(),
    }),
    labels: z.array(z.string().min(1)).min(2).optional(),
    range: z.tuple([z.number(), z.number()]).optional(),
    metrics: z.array(z.enum([...classMetrics, ...scoreMetrics])).min(1),
  })
  .superRefine((task, context) => {
    const issue = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if ((task.files === undefined) === (task.rows === undefined))
      issue("files", "expected either files or rows");
    if ((task.labels === undefined) === (task.range === undefined))
      issue("labels", "expected either labels (classes) or range (scores)");
    if (task.labels && new Set(task.labels).size !== task.labels.length)
      issue("labels", "a label stands twice");
    if (task.range && !(task.range[0] < task.range[1]))
      issue("range", "expected the lower end first");
    const fitting: readonly MetricName[] = task.labels ? classMetrics : scoreMetrics;
    for (const metric of task.metrics) {
      if (!fitting.includes(metric))
        issue(
          "metrics",
          `${metric} is not for ${task.labels ? "classes" : "scores"}; there are ${fitting.join(", ")}`,
        );
      if (metric === "f1" && task.labels && task.labels.length !== 2)
        issue("metrics", "f1 is for two labels, the second being the positive one");
    }
  });

/**
 * A task of one's own. `files` are TSV (unquoted), CSV (RFC 4180) or JSONL by their ending; `rows` are given in place.
 * `columns` are names, or positions from 0 in a file without a header. Without `validation` or `test`, rows of `train`
 * are taken.
 */
export type TaskDefinition = z.input<typeof definition>;

/** A task of one's own, checked; `loadTask` reads its rows. */
export interface OwnTask extends Task {
  readonly definition: Readonly<TaskDefinition>;
  /** The folder that file names are relative to. */
  readonly folder: string;
}

/**
 * Checks a task's definition. File names are relative to `folder`, the working directory unless given.
 * Throws an `Error` that names each field that is wrong.
 */
export function defineTask(task: TaskDefinition, folder = process.cwd()): OwnTask {
  return checked(task, "the task", folder);
}

/** A task's definition from a JSON file; file names in it are relative to it. */
export async function readTask(file: string): Promise<OwnTask> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new Error(`no task ${JSON.stringify(file)}: ${(cause as Error).message}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DataError(file, undefined, `no JSON (${(cause as Error).message})`);
  }
  return checked(value, file, dirname(resolve(file)));
}

function checked(value: unknown, where: string, folder: string): OwnTask {
  const result = definition.safeParse(value);
  if (!result.success) {
    const issues = result.error.issues.map(
      ({ path, message }) => `  ${path.join(".") || "task"}: ${message}`,
    );
    throw new Error(`${where} is not well defined:\n${issues.join("\n")}`);
  }
  const { name, columns, labels, range, metrics } = result.data;
  return {
    name,
    pair: columns.pair !== undefined,
    target: labels ? { kind: "classes", labels } : { kind: "score", range: range! },
    metrics,
    definition: result.data,
    folder,
  };
}

export function isOwnTask(task: Task): task is OwnTask {
  return "definition" in task;
}

export type OwnSplits = Readonly<Record<"train", readonly Row[]>> &
  Readonly<Partial<Record<"validation" | "test", readonly Row[]>>>;

/** The rows of a task of one's own as given, and where they are from. */
export async function readOwn(task: OwnTask): Promise<{ from: string; splits: OwnSplits }> {
  const { files, rows } = task.definition;
  const splits: Partial<Record<"train" | "validation" | "test", Row[]>> = {};
  for (const split of ["train", "validation", "test"] as const) {
    const file = files?.[split];
    const given = rows?.[split];
    if (file) splits[split] = await fileRows(task, resolve(task.folder, file));
    if (given)
      splits[split] = given.map((row, index) => {
        const where = `rows.${split}`;
        return ownRow(task, where, index + 1, (name) =>
          cellText(row[name], name, where, index + 1),
        );
      });
  }
  return { from: files ? Object.values(files).join(", ") : "rows", splits: splits as OwnSplits };
}

async function fileRows(task: OwnTask, file: string): Promise<Row[]> {
  const named = Object.values(task.definition.columns).filter((name) => name !== undefined);
  const positions = named.every((name) => /^\d+$/.test(name));
  const table = await readTable(
    file,
    (cells) => !positions || named.every((name) => cells.includes(name)),
  );
  const missing = named.filter((name) => !table.columns.includes(name));
  if (missing.length > 0)
    throw new DataError(
      file,
      1,
      `no column ${missing.join(", ")}; there ${table.columns.length === 1 ? "is" : "are"} ${table.columns.join(", ")}`,
    );
  if (table.rows.length === 0) throw new DataError(file, undefined, "no rows below the header");
  return table.rows.map(({ line, cell }) => ownRow(task, file, line, cell));
}

function ownRow(
  task: OwnTask,
  file: string,
  line: number,
  cell: (column: string) => string | undefined,
): Row {
  const { columns } = task.definition;
  const value = (name: string) => {
    const found = cell(name);
    if (found === undefined) throw new DataError(file, line, `no ${name}`);
    return found;
  };
  return {
    text: textField(value(columns.text), columns.text, file, line),
    ...(columns.pair === undefined
      ? {}
      : { pair: textField(value(columns.pair), columns.pair, file, line) }),
    target: targetField(value(columns.target), task, columns.target, file, line),
    ...(columns.id === undefined ? {} : { id: value(columns.id) }),
  };
}
