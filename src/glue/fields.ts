import { DataError, excerpt } from "./errors";
import type { Task } from "./types";

/** A text as it stands; nothing but white space is an error. */
export function textField(value: string, column: string, file: string, line: number): string {
  if (value.trim() === "") throw new DataError(file, line, `empty text in ${column}`);
  return value;
}

/**
 * A row's target: the index of a class, or a score within the task's range.
 * `names` are the classes as the file writes them, the task's labels unless given.
 */
export function targetField(
  value: string,
  task: Task,
  column: string,
  file: string,
  line: number,
  names?: readonly string[],
): number {
  if (task.target.kind === "classes") {
    const accepted = names ?? task.target.labels;
    const index = accepted.indexOf(value);
    if (index === -1)
      throw new DataError(
        file,
        line,
        `${column} is ${excerpt(value)}, expected one of ${accepted.join(", ")}`,
      );
    return index;
  }
  const [low, high] = task.target.range;
  const score = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? Number(value) : Number.NaN;
  if (!(score >= low && score <= high))
    throw new DataError(
      file,
      line,
      `${column} is ${excerpt(value)}, expected a number from ${low} to ${high}`,
    );
  return score;
}
