import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../models/files";
import { tokensOf, trainingBatches } from "../training/batches";
import { type StepCosts, stepsOfSeconds } from "../training/budget";
import { encodeRows } from "./encode";
import { hashOf } from "./hash";
import { exclusively } from "./lock";
import type { Setting } from "./setting";
import type { RunSpecification } from "./types";

/** What steps cost on one machine, each measured when it was first asked for, and then kept. */
interface Calibration {
  readonly name: string;
  /** By the hash of what a step's costs depend on. */
  readonly entries: { readonly [key: string]: CalibrationEntry };
}

export interface CalibrationEntry {
  readonly method: RunSpecification["method"];
  /** `CPU` with its threads, or a GPU. */
  readonly device: string;
  /** ISO 8601. */
  readonly measured: string;
  readonly costs: StepCosts;
}

/**
 * Turns seconds into steps by the costs that a named calibration holds for a method and head on a task's rows, in
 * batches of a size. What it lacks is measured first, which loads TensorFlow and takes some seconds.
 *
 * @param folder holds the calibrations, `<name>.json`
 * @param measure gives the entry of a setting
 * @returns the budget as it stands in a specification
 */
export async function planSeconds(
  { seconds, calibration: name }: { seconds: number; calibration: string },
  setting: Setting,
  folder: string,
  measure: (setting: Setting) => Promise<CalibrationEntry>,
): Promise<RunSpecification["budget"]> {
  const { rows, pretrained, specification } = setting;
  const { data, features, method, head, model, precision, batchSize, maxTokens, seeds } =
    specification;
  // The rows' lengths are part of a token's cost: attention's share of it grows with them.
  const key = hashOf({ method, head, features, model, data, precision, maxTokens, batchSize });
  const file = join(folder, `${name}.json`);
  const known = () => readCalibration(file).entries[key]?.costs;
  const costs = await exclusively(folder, { done: known, waiting: () => {} }, async () => {
    const entry = await measure(setting);
    const { entries } = readCalibration(file);
    const calibration: Calibration = { name, entries: { ...entries, [key]: entry } };
    writeWhole(file, `${JSON.stringify(calibration, null, 2)}\n`);
    return entry.costs;
  });
  const lengths = features ? rows.map(() => 1) : encodeRows(rows, pretrained, maxTokens).lengths;
  const rowsAt = trainingBatches(lengths, { batch: batchSize, seed: seeds.order });
  const tokensAt = (step: number) => tokensOf(lengths, rowsAt(step));
  return { steps: stepsOfSeconds(seconds, tokensAt, costs), seconds, calibration: { name, costs } };
}

function readCalibration(file: string): Pick<Calibration, "entries"> {
  if (!existsSync(file)) return { entries: {} };
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Calibration;
  } catch {
    throw new Error(
      `The calibration ${file} is not JSON. Remove it: what it held is measured again.`,
    );
  }
}
