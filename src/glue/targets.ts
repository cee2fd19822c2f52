import type { Row, Task, TaskData } from "./types";

/** Mean and deviation that score targets are standardised with. */
export interface Standardisation {
  readonly mean: number;
  /** Population standard deviation; 1 where all targets are equal. */
  readonly deviation: number;
}

/** Fitted on the training part; the model learns `standardised` targets and its outputs go through `restored`. */
export function fitStandardisation(targets: readonly number[]): Standardisation {
  if (targets.length === 0) throw new RangeError("no targets to standardise");
  const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length;
  if (targets.every((target) => target === targets[0])) return { mean, deviation: 1 };
  const variance = targets.reduce((sum, target) => sum + (target - mean) ** 2, 0) / targets.length;
  return { mean, deviation: Math.sqrt(variance) };
}

export function standardise(target: number, { mean, deviation }: Standardisation): number {
  return (target - mean) / deviation;
}

/** The inverse of `standardise`. */
export function restore(value: number, { mean, deviation }: Standardisation): number {
  return value * deviation + mean;
}

/** The rows' targets; a row without one is an error. */
export function targetsOf(rows: readonly Row[]): number[] {
  return rows.map(({ target }, index) => {
    if (target === undefined) throw new Error(`row ${index + 1} has no target`);
    return target;
  });
}

/** What rows are stratified by: the class, or the fifth of the range a score is in. */
export function stratumOf(task: Task, row: Row): string {
  const target = row.target ?? Number.NaN;
  if (task.target.kind === "classes") return `class ${target}`;
  const [low, high] = task.target.range;
  return `fifth ${Math.min(4, Math.floor((5 * (target - low)) / (high - low)))}`;
}

/** What predicts without looking: the most frequent class of the training part, or its mean score. */
export function floorPrediction({ task, train }: Pick<TaskData, "task" | "train">): number {
  const targets = targetsOf(train);
  if (task.target.kind === "score") return fitStandardisation(targets).mean;
  const counts = task.target.labels.map(
    (_, label) => targets.filter((target) => target === label).length,
  );
  return counts.indexOf(Math.max(...counts));
}
