import { runsFolder } from "../setup/paths";
import { exclusively, type Owner } from "./lock";
import { planRun } from "./plan";
import { openRun } from "./run";
import { featuresFolder, readRecord, runFolder, setAside } from "./store";
import type { Run, RunOptions, RunRecord } from "./types";

/**
 * Trains a run, or answers from the store when the same run has been trained before. A run that was stopped or killed
 * goes on from its last checkpoint; one that another process trains is waited for.
 *
 * @throws before training on options, data or an encoder that cannot be used; with the signal's reason when stopped
 */
export async function train(options: RunOptions): Promise<Run> {
  const { store = runsFolder, progress, signal } = options;
  const plan = await planRun(options);
  const folder = runFolder(store, plan.hash);
  const known = (): RunRecord | undefined => {
    try {
      return readRecord(folder);
    } catch (error) {
      process.stderr.write(`${(error as Error).message} Training it again.\n`);
      setAside(folder);
      return undefined;
    }
  };
  let told = false;
  const waiting = ({ host, pid }: Owner) => {
    if (!told) process.stderr.write(`Process ${pid} on ${host} trains this run; waiting for it.\n`);
    told = true;
  };
  const record =
    known() ??
    (await exclusively(folder.path, { done: known, waiting, signal }, async () => {
      // TensorFlow is loaded here at the earliest: an answer from the store does without.
      const { execute } = await import("./execute");
      return execute(plan, folder, { featuresFolder: featuresFolder(store), progress, signal });
    }));
  return openRun(record, store);
}
