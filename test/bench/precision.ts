import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { mean, sampleStandardDeviation } from "simple-statistics";
import type { Device, Precision } from "../../src/engine";
import { train } from "../../src/experiments";
import { taskNames, tasks } from "../../src/glue";
import type { GlueTaskName } from "../../src/glue/types";
import { progress } from "../../src/kernel/api/progress";
import { methodByName } from "../../src/peft";
import { dataFolder } from "../../src/setup/paths";
import { taskLabels } from "./comparisons";
import { deviceEnvironment } from "./programs";

/** Full fine-tuning of MiniLM-L6 on a task's train file, scored on its dev file. */
export interface PrecisionRun {
  readonly device: Device["kind"];
  /** The processor's or the card's name, and the threads. */
  readonly on: string;
  readonly task: GlueTaskName;
  readonly precision: Precision;
  readonly seed: number;
  /** By the task's first metric. */
  readonly score: number;
}

/** What `data/bench/precision.json` holds. */
export interface PrecisionReport {
  readonly epochs: number;
  readonly data: "GLUE" | "sample corpus";
  readonly runs: readonly PrecisionRun[];
}

const precisionsOn: Readonly<Record<Device["kind"], readonly Precision[]>> = {
  cpu: ["float32", "bfloat16"],
  gpu: ["float32", "tf32", "bfloat16"],
};

export interface PrecisionOptions {
  readonly device: Device["kind"];
  readonly seeds: number;
  readonly epochs: number;
  readonly only?: readonly string[];
}

/**
 * Trains with each precision of a device, the same seeds and batches with all. Runs are stored, so that a call that
 * was stopped goes on.
 *
 * @param file where a report of as many epochs may be, whose other runs are kept
 */
export async function benchPrecision(
  { device, seeds, epochs, only }: PrecisionOptions,
  file: string,
): Promise<PrecisionReport> {
  Object.assign(process.env, deviceEnvironment(device));
  const wanted = taskNames
    .filter((task) => !only || only.some((some) => task.includes(some)))
    .flatMap((task) =>
      Array.from({ length: seeds }, (_, at) => at + 1).flatMap((seed) =>
        precisionsOn[device].map((precision) => ({ task, seed, precision })),
      ),
    );
  const bar = progress(wanted.length, { label: "precision", unit: "runs" });
  const runs: PrecisionRun[] = [];
  let data: PrecisionReport["data"] = "GLUE";
  for (const { task, seed, precision } of wanted) {
    bar.show({ now: `${task}, seed ${seed}, ${precision}` });
    const { record } = await train({
      ...{ task, seed, precision, method: methodByName("full"), budget: { epochs } },
      // A run's name does not tell the device, so each has a store of its own.
      store: join(dataFolder, "precision", device),
      progress: () => {},
    });
    const score = record.scores[tasks[task].metrics[0]!];
    if (score == null) throw new Error(`${task}, seed ${seed}, ${precision} diverged`);
    if (record.data.source === "sample") data = "sample corpus";
    runs.push({ device, on: record.device, task, precision, seed, score });
    bar.add();
  }
  bar.end();
  return { epochs, data, runs: [...otherRuns(file, epochs, runs), ...runs] };
}

/** Runs of a report that none of `runs` takes the place of. */
function otherRuns(
  file: string,
  epochs: number,
  runs: readonly PrecisionRun[],
): readonly PrecisionRun[] {
  if (!existsSync(file)) return [];
  const known: PrecisionReport = JSON.parse(readFileSync(file, "utf8"));
  if (known.epochs !== epochs) return [];
  return known.runs.filter(
    (one) => !runs.some(({ device, task }) => device === one.device && task === one.task),
  );
}

/** As Markdown. */
export function precisionMarkdown({ epochs, data, runs }: PrecisionReport): string {
  const groups = [...new Set(runs.map(({ task, on }) => JSON.stringify([task, on])))].map((key) => {
    const [task, on] = JSON.parse(key) as [GlueTaskName, string];
    return { task, on, own: runs.filter((run) => run.task === task && run.on === on) };
  });
  const all = ["float32", "tf32", "bfloat16"] as const;
  return [
    "|  | on | float32 | TF32 | bfloat16 |",
    "|---|---|--:|--:|--:|",
    ...groups.map(({ task, on, own }) => {
      const metric = tasks[task].metrics[0]!;
      return `| ${taskLabels[task]}, ${metric} | ${on} | ${all
        .map((precision) => cell(own, precision))
        .join(" | ")} |`;
    }),
    "",
    `Full fine-tuning of MiniLM-L6, ${epochs} epochs of the train file without its validation part, scored on the dev file: mean ± standard deviation over seeds, in points; in brackets the largest difference from float32 with the same seed.${
      data === "GLUE" ? "" : " On the project's sample corpus, not on GLUE: not a figure to quote."
    }`,
  ].join("\n");
}

function cell(runs: readonly PrecisionRun[], precision: Precision): string {
  const own = runs.filter((run) => run.precision === precision);
  if (own.length === 0) return "–";
  const points = own.map(({ score }) => 100 * score);
  const text =
    points.length > 1
      ? `${mean(points).toFixed(1)} ± ${sampleStandardDeviation(points).toFixed(1)}`
      : points[0]!.toFixed(1);
  if (precision === "float32") return text;
  const apart = own.flatMap(({ seed, score }) => {
    const exact = runs.find((run) => run.precision === "float32" && run.seed === seed);
    return exact ? [100 * Math.abs(score - exact.score)] : [];
  });
  return apart.length > 0 ? `${text} (${Math.max(...apart).toFixed(1)})` : text;
}
