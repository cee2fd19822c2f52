import { createHash } from "node:crypto";
import { isOwnTask, type OwnTask, readOwn, readTask } from "./own";
import { readGlue, type SourceOptions } from "./sources";
import { carve, nestedSubset } from "./split";
import { stratumOf } from "./targets";
import { type GlueTask, isGlueTaskName, taskNames, tasks } from "./tasks";
import type { Row, Task, TaskData } from "./types";

/** The same parts in every run. */
const validationSeed = "peftlab validation";
const testSeed = "peftlab test";
/** Shares of a person's own train rows that become test and validation where no file is given for them. */
const ownShare = { test: 0.2, validation: 0.125 } as const;

/** The task of a GLUE name, or of a JSON file that defines one (a name that ends in `.json`). */
export async function taskNamed(name: string): Promise<Task> {
  if (isGlueTaskName(name)) return tasks[name];
  if (name.endsWith(".json")) return readTask(name);
  throw new Error(
    `no task ${JSON.stringify(name)}; there are ${taskNames.join(", ")}, and JSON files that define one`,
  );
}

/**
 * A task's rows, read, checked and split. Takes a task, a GLUE task's name, or the JSON file of a task of one's own.
 * Throws `DataError` at the first row that is wrong.
 */
export async function loadTask(
  task: string | Task,
  options: SourceOptions = {},
): Promise<TaskData> {
  const found = typeof task === "string" ? await taskNamed(task) : task;
  if (isOwnTask(found)) return loadOwn(found);
  if (isGlueTaskName(found.name)) return loadGlue(tasks[found.name], options);
  throw new Error(`the task ${JSON.stringify(found.name)} has no data; define it with defineTask`);
}

async function loadGlue(task: GlueTask, options: SourceOptions): Promise<TaskData> {
  const { source, train, dev } = await readGlue(task, options);
  // The sample corpus is smaller: the same share of it.
  const size =
    source.kind === "sample"
      ? Math.round((task.validation / task.rows.train) * train.length)
      : task.validation;
  const { kept, carved } = carve(
    train,
    size,
    (row) => `${stratumOf(task, row)} ${row.genre ?? ""}`,
    validationSeed,
  );
  return assemble(task, source, { train: kept, validation: carved, test: dev });
}

async function loadOwn(task: OwnTask): Promise<TaskData> {
  const { from, splits } = await readOwn(task);
  let { train, validation, test } = splits;
  const take = (share: number, seed: string) => {
    const { kept, carved } = carve(
      train,
      Math.round(share * train.length),
      (row) => stratumOf(task, row),
      seed,
    );
    train = kept;
    return carved;
  };
  test ??= take(ownShare.test, testSeed);
  validation ??= take(ownShare.validation, validationSeed);
  for (const [name, rows] of Object.entries({ train, validation, test }))
    if (rows.length === 0)
      throw new Error(
        `${task.name}: no rows for ${name}; ${splits.train.length} train rows are too few, or too many share texts`,
      );
  return assemble(task, { kind: "own", from }, { train, validation, test });
}

type Splits = Pick<TaskData, "train" | "validation" | "test">;

function assemble(task: Task, source: TaskData["source"], splits: Splits): TaskData {
  const hash = createHash("sha256");
  // Scores as 32-bit floats, which is what is trained on and what the Hub has.
  const number = (target: number | undefined) =>
    target === undefined ? null : Math.fround(target);
  for (const name of ["train", "validation", "test"] as const)
    for (const { text, pair, target } of splits[name])
      hash.update(`${JSON.stringify([name, text, pair ?? null, number(target)])}\n`);
  return { task, source, fingerprint: hash.digest("hex"), ...splits };
}

/**
 * A fraction of rows, stratified by class or by fifths of the score. For one seed smaller fractions are nested in
 * larger ones.
 */
export function subset(
  rows: readonly Row[],
  fraction: number,
  seed: number,
  task: Task,
): readonly Row[] {
  return nestedSubset(rows, fraction, (row) => stratumOf(task, row), `peftlab subset ${seed}`);
}
