import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../models/files";
import { tokenBuckets, trainingBatches } from "../training/batches";
import { type StepCosts, shapeName, stepsOfSeconds } from "../training/budget";
import { encodeRows } from "./encode";
import { hashOf } from "./hash";
import { exclusively } from "./lock";
import type { Setting } from "./setting";
import type { RunSpecification } from "./types";

/** What steps cost on one machine, each measured when it was first asked for, and then kept. */
interface Calibration {
  readonly name: string;
  /** By the hash of what a step's cost depends on besides its shape. */
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
 * Turns seconds into steps by the costs that a named calibration holds. Those it lacks are measured first, which
 * loads TensorFlow and takes some seconds.
 *
 * @param folder holds the calibrations, `<name>.json`
 * @param measure gives an entry that covers every shape of a setting
 * @returns the budget as it stands in a specification
 */
export async function planSeconds(
  { seconds, calibration: name }: { seconds: number; calibration: string },
  setting: Setting,
  folder: string,
  measure: (setting: Setting) => Promise<CalibrationEntry>,
): Promise<RunSpecification["budget"]> {
  const { rows, pretrained, specification } = setting;
  const { batchSize, features, maxTokens, method, head, model, seeds } = specification;
  const lengths = features ? rows.map(() => 1) : encodeRows(rows, pretrained, maxTokens).lengths;
  const buckets = tokenBuckets(lengths, batchSize);
  const shapes = buckets.map((tokens) => shapeName({ batch: batchSize, tokens }));
  const key = hashOf({ method, head, features, model });
  const file = join(folder, `${name}.json`);
  const known = () => {
    const costs = readCalibration(file).entries[key]?.costs ?? {};
    return shapes.every((shape) => costs[shape] !== undefined) ? costs : undefined;
  };
  const costs = await exclusively(folder, { done: known, waiting: () => {} }, async () => {
    const entry = await measure(setting);
    const { entries } = readCalibration(file);
    // What was measured before stays: runs are named by it.
    const kept = { ...entry.costs, ...entries[key]?.costs };
    const calibration: Calibration = {
      name,
      entries: { ...entries, [key]: { ...entry, costs: kept } },
    };
    writeWhole(file, `${JSON.stringify(calibration, null, 2)}\n`);
    return kept;
  });
  const batchAt = trainingBatches(lengths, { batch: batchSize, buckets, seed: seeds.order });
  return {
    steps: stepsOfSeconds(seconds, batchAt, costs),
    seconds,
    calibration: { name, costs: Object.fromEntries(shapes.map((shape) => [shape, costs[shape]!])) },
  };
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
