// What a notebook sees, and nothing else.
import { type Run, type RunOptions, train as trainRun } from "./experiments";
import { interruptible } from "./kernel";

export * from "./analysis";
export type * from "./experiments";
export { defineTask, loadTask, tasks } from "./glue";
export { type ProgressBar, type ProgressReport, progress, show } from "./kernel";
export { loadPretrained } from "./models";
export * as peft from "./peft";

/**
 * Trains a run, or answers at once when the same run has been trained before. Interrupted, it stops at the next step,
 * and goes on from there when the cell is run again.
 *
 * @throws before training on options, data or an encoder that cannot be used
 */
export function train(options: RunOptions): Promise<Run> {
  return interruptible((interrupted) => {
    const signals = [interrupted, options.signal].filter((signal) => signal !== undefined);
    return trainRun({ ...options, signal: AbortSignal.any(signals) });
  });
}
