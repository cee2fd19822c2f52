import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { findRecord, type Prediction } from "../experiments";
import {
  isGlueTaskName,
  isGlueTest,
  type Row,
  readRows,
  submission,
  type Task,
  tasks,
} from "../glue";
import { progress } from "../kernel/api/progress";
import { writeWhole } from "../models/files";
import { runsFolder } from "../setup/paths";

interface Options {
  readonly run: string;
  readonly input: string;
  readonly output: string;
  readonly model?: string;
}

export function register(program: Command): void {
  program
    .command("predict")
    .description("use a trained run on new sentences or pairs")
    .requiredOption("--run <hash>", "the run's hash, or the beginning of it")
    .requiredOption(
      "--input <file>",
      "TSV, CSV or JSONL with GLUE's column names (sentence; sentence1 and sentence2) or positions",
    )
    .requiredOption(
      "--output <file>",
      "TSV: label, score and probability of each row; for GLUE's test file GLUE's submission format",
    )
    .option("--model <folder>", "where the encoder is now (default: where it was)")
    .action(runPrediction);
}

async function runPrediction({ run, input, output, ...options }: Options): Promise<void> {
  const model = options.model && resolve(options.model);
  const record = findRecord(runsFolder, run);
  const task = isGlueTaskName(record.task) ? tasks[record.task] : record.definition;
  const rows = await readRows(input, task);
  checkOutput(output, input);
  const bar = progress(rows.length, { label: `${record.task} ${record.method}`, unit: "rows" });
  // TensorFlow is loaded when everything else is known to be right.
  const { predict } = await import("../experiments/predict");
  const predictions = await predict(record, runsFolder, rows, {
    model,
    onBatch: (done) => bar.set(done),
  });
  bar.end();
  const text = isGlueTest(task, rows)
    ? submission(
        task,
        predictions.map((prediction) => numberOf(prediction, task.target)),
      ).text
    : tableOf(rows, predictions);
  writeWhole(output, text);
}

/** Errors about the output belong before the work. */
function checkOutput(output: string, input: string): void {
  if (resolve(output) === resolve(input)) {
    throw new Error(`--output ${output} is the input itself; name another file.`);
  }
  if (existsSync(output) && statSync(output).isDirectory()) {
    throw new Error(`--output ${output} is a folder; name a file.`);
  }
  mkdirSync(dirname(resolve(output)), { recursive: true });
}

/** The index of the label, or the score. */
function numberOf({ label, score }: Prediction, target: Task["target"]): number {
  return target.kind === "classes" ? target.labels.indexOf(label!) : score;
}

function tableOf(rows: readonly Row[], predictions: readonly Prediction[]): string {
  const lines = predictions.map(({ label, score, probability }, at) =>
    [rows[at]!.id ?? at, label ?? "", score.toFixed(6), probability?.toFixed(6) ?? ""].join("\t"),
  );
  return `${["index\tlabel\tscore\tprobability", ...lines].join("\n")}\n`;
}
