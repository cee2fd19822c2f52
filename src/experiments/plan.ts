import path from "node:path";
import { isGlueTaskName, loadTask, subset, type TaskData } from "../glue";
import { loadPretrained } from "../models/checkpoint";
import type { Pretrained } from "../models/types";
import { minilmFolder, root, runsFolder } from "../setup/paths";
import { batchesPerEpoch } from "../training/batches";
import { stepsOfEpochs } from "../training/budget";
import { optimizer, warmup, weightDecay } from "../training/optimizer";
import { planSeconds } from "./calibration";
import { hashOf } from "./hash";
import { type CompleteOptions, completeOptions } from "./options";
import type { Setting } from "./setting";
import { calibrationFolder, featuresFolder } from "./store";
import type { RunOptions, RunSpecification } from "./types";

/** Raised whenever the same specification would give other weights than before. */
const trainerVersion = 3;

/** A run about to be trained or looked up. */
export interface RunPlan extends Setting {
  readonly specification: RunSpecification;
  readonly hash: string;
}

/**
 * Loads what a run is about and works out its specification. Needs TensorFlow only for a budget in seconds that no
 * calibration covers yet.
 *
 * @throws on options, data or an encoder that cannot be used
 */
export async function planRun(options: RunOptions): Promise<RunPlan> {
  const complete = completeOptions(options);
  const { method } = options;
  const data = await rowsOf(options.task);
  const pretrained = encoder(options.model ?? minilmFolder);
  const { maxPositions } = pretrained.config;
  if (complete.maxTokens > maxPositions) {
    throw new Error(
      `maxTokens: ${complete.maxTokens}, but ${pretrained.name} has positions for ${maxPositions} tokens.`,
    );
  }
  const { fraction, subsetSeed } = complete;
  const rows = fraction === 1 ? data.train : subset(data.train, fraction, subsetSeed, data.task);
  const { name, target, metrics } = data.task;
  const base = {
    version: trainerVersion,
    task: name,
    ...(!isGlueTaskName(name) && { own: { target, metrics } }),
    data: data.fingerprint,
    model: pretrained.fingerprint,
    method: { name: method.name, settings: method.settings },
    head: complete.head,
    features: complete.features,
    fraction,
    // All of the rows are the same rows whatever the seed.
    subsetSeed: fraction === 1 ? 0 : subsetSeed,
    optimizer: {
      name: optimizer.kind,
      beta1: optimizer.beta1,
      beta2: optimizer.beta2,
      epsilon: optimizer.epsilon,
      weightDecay,
      clip: optimizer.clip,
      warmup,
    },
    learningRate: complete.learningRate,
    precision: complete.precision,
    batchSize: complete.batchSize,
    maxTokens: complete.maxTokens,
    evaluations: complete.evaluations,
    seeds: complete.seeds,
  };
  const setting: Setting = { data, rows, method, pretrained, specification: base };
  const budget = await planBudget(complete.budget, setting, options);
  const specification: RunSpecification = { ...base, budget };
  return { ...setting, specification, hash: hashOf(specification) };
}

function rowsOf(task: RunOptions["task"]): TaskData | Promise<TaskData> {
  return typeof task === "object" && "train" in task ? task : loadTask(task);
}

async function planBudget(
  budget: CompleteOptions["budget"],
  setting: Setting,
  { store = runsFolder, progress, signal }: RunOptions,
): Promise<RunSpecification["budget"]> {
  if ("steps" in budget) return { steps: budget.steps };
  if ("epochs" in budget) {
    const perEpoch = batchesPerEpoch(setting.rows.length, setting.specification.batchSize);
    return { steps: stepsOfEpochs(budget.epochs, perEpoch) };
  }
  return planSeconds(budget, setting, calibrationFolder(store), async (it) => {
    const { measureSetting } = await import("./measure");
    return measureSetting(it, { featuresFolder: featuresFolder(store), progress, signal });
  });
}

const loaded = new Map<string, Pretrained>();

/** An encoder, kept from one run to the next. */
export function encoder(folder: string): Pretrained {
  const where = path.resolve(root, folder);
  const known = loaded.get(where);
  if (known) return known;
  const pretrained =
    where === minilmFolder ? loadPretrained(where, "all-MiniLM-L6-v2") : loadPretrained(where);
  loaded.clear();
  loaded.set(where, pretrained);
  return pretrained;
}
