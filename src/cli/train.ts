import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import {
  type Budget,
  defaults,
  display,
  headKinds,
  precisions,
  type RunOptions,
  train,
} from "../experiments";
import { taskNamed, taskNames } from "../glue";
import { methodByName, methodNames } from "../peft";
import { runsFolder } from "../setup/paths";
import { fractionNumber, positiveInteger, positiveNumber, seedNumber, settingsOf } from "./values";

interface Options {
  readonly task: string;
  readonly method: string;
  readonly settings?: Record<string, unknown>;
  readonly fraction: number;
  readonly subsetSeed: number;
  readonly epochs?: number;
  readonly steps?: number;
  readonly seconds?: number;
  readonly calibration: string;
  readonly seed: number;
  readonly learningRate?: number;
  readonly precision: RunOptions["precision"];
  readonly batchSize: number;
  readonly maxTokens: number;
  readonly head: RunOptions["head"];
  /** Absent unless `--no-features` was given, then false. */
  readonly features: boolean;
  readonly evaluations: number;
  readonly model?: string;
  readonly save?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("train")
    .description("train a run, or answer from the store when it has been trained before")
    .requiredOption(
      "--task <name or file>",
      `what to learn: ${taskNames.join(", ")}, or a JSON file that defines a task`,
    )
    .addOption(
      new Option("--method <name>", "how to train").choices(methodNames).makeOptionMandatory(),
    )
    .option("--settings <settings>", "of the method: 'rank=4,alpha=8', or JSON", settingsOf)
    .option("--fraction <share>", "of the training rows", fractionNumber, defaults.fraction)
    .option("--subset-seed <n>", "which rows a fraction is", seedNumber, defaults.subsetSeed)
    .addOption(
      new Option(
        "--epochs <n>",
        `budget: passes over the rows (default: ${defaults.budget.epochs})`,
      )
        .argParser(positiveNumber)
        .conflicts(["steps", "seconds"]),
    )
    .addOption(
      new Option("--steps <n>", "budget: optimiser steps")
        .argParser(positiveInteger)
        .conflicts(["epochs", "seconds"]),
    )
    .addOption(
      new Option("--seconds <n>", "budget: seconds of training on the idle machine")
        .argParser(positiveNumber)
        .conflicts(["epochs", "steps"]),
    )
    .option("--calibration <name>", "what seconds are turned into steps by", defaults.calibration)
    .option("--seed <n>", "of initial values, order and dropout", seedNumber, defaults.seed)
    .option("--learning-rate <rate>", "peak (default: the method's)", positiveNumber)
    .addOption(
      new Option("--precision <type>", "of the matrix products")
        .choices(precisions)
        .default(defaults.precision),
    )
    .option("--batch-size <rows>", "rows a step", positiveInteger, defaults.batchSize)
    .option("--max-tokens <n>", "longer texts are cut", positiveInteger, defaults.maxTokens)
    .addOption(
      new Option("--head <kind>", "what reads the encoder")
        .choices(headKinds)
        .default(defaults.head),
    )
    .option("--no-features", "head-only with the encoder running, dropout and all")
    .option(
      "--evaluations <n>",
      "times the validation part is scored",
      positiveInteger,
      defaults.evaluations,
    )
    .option("--model <folder>", "a Hugging Face folder of a BERT (default: the packaged MiniLM)")
    .option("--save <folder>", "leave there what was trained")
    .option("--json", "print the run's record as JSON, and nothing else, on standard output")
    .addHelpText(
      "after",
      "\nRuns are kept in data/runs; PEFTLAB_RUNS names another folder. PEFTLAB_GLUE names GLUE's." +
        "\n`npm run --silent train -- … --json` keeps npm's own lines off standard output.",
    )
    .action(runTraining);
}

async function runTraining(options: Options): Promise<void> {
  const task = await taskNamed(options.task);
  const method = methodByName(options.method, options.settings);
  if (options.save !== undefined) mkdirSync(options.save, { recursive: true });
  const stop = new AbortController();
  const stopped = new Error("Stopped. The same command goes on from here.");
  const onInterrupt = () => stop.abort(Object.assign(stopped, { exitCode: 130 }));
  process.once("SIGINT", onInterrupt);
  try {
    const run = await train({
      task,
      method,
      fraction: options.fraction,
      subsetSeed: options.subsetSeed,
      budget: budgetOf(options),
      seed: options.seed,
      learningRate: options.learningRate,
      precision: options.precision,
      batchSize: options.batchSize,
      maxTokens: options.maxTokens,
      head: options.head,
      features: options.features ? undefined : false,
      evaluations: options.evaluations,
      model: options.model && resolve(options.model),
      signal: stop.signal,
    });
    if (options.save !== undefined) {
      const { saveRun } = await import("../experiments/save");
      saveRun(run.record, runsFolder, options.save);
    }
    if (options.json) console.log(JSON.stringify(run.record, null, 2));
    else console.log(run[display]()["text/plain"]);
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}

function budgetOf({ epochs, steps, seconds, calibration }: Options): Budget {
  if (steps !== undefined) return { steps };
  if (seconds !== undefined) return { seconds, calibration };
  return epochs === undefined ? defaults.budget : { epochs };
}
