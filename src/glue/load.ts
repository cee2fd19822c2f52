import { createHash } from "node:crypto";
import { readGlue, type SourceOptions } from "./sources";
import { carve, nestedSubset } from "./split";
import { stratumOf } from "./targets";
import { isGlueTaskName, taskNames, tasks } from "./tasks";
import type { GlueTaskName, Row, Task, TaskData } from "./types";

/** One seed for every run, so that all of them are validated on the same rows. */
const validationSeed = "peftlab validation";

/** A task's rows, read, checked and split. Throws `DataError` at the first thing that is wrong. */
export async function loadTask(task: GlueTaskName, options: SourceOptions = {}): Promise<TaskData> {
  if (!isGlueTaskName(task))
    throw new Error(`no task ${JSON.stringify(task)}; there are ${taskNames.join(", ")}`);
  const glue = tasks[task];
  const { source, train, dev } = await readGlue(glue, options);
  // The same share of a corpus of another size.
  const size =
    source.kind === "sample"
      ? Math.round((glue.validation / glue.rows.train) * train.length)
      : glue.validation;
  const { kept, carved } = carve(
    train,
    size,
    (row) => `${stratumOf(glue, row)} ${row.genre ?? ""}`,
    validationSeed,
  );
  return assemble(glue, source, { train: kept, validation: carved, test: dev });
}

type Splits = Pick<TaskData, "train" | "validation" | "test">;

function assemble(task: Task, source: TaskData["source"], splits: Splits): TaskData {
  const hash = createHash("sha256");
  for (const name of ["train", "validation", "test"] as const)
    for (const { text, pair, target } of splits[name])
      hash.update(`${JSON.stringify([name, text, pair ?? null, target ?? null])}\n`);
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
