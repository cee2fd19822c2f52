import { native } from "./tensorflow";
import type { Precision } from "./types";

let current: Precision = "float32";

/** Of the matrix products of the step that is being run or recorded. */
export const precision = (): Precision => current;

/** Runs part of a step with its precision. */
export function withPrecision<Result>(wanted: Precision | undefined, body: () => Result): Result {
  const before = current;
  use(wanted ?? "float32");
  try {
    return body();
  } finally {
    use(before);
  }
}

function use(wanted: Precision): void {
  current = wanted;
  native.allowTensorFloat32(wanted === "tf32");
}
