import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fitStandardisation, type Standardisation, targetsOf } from "../glue/targets";
import type { Row, Task } from "../glue/types";
import { progress } from "../kernel/api/progress";
import { readSafetensors, writeSafetensors } from "../models/safetensors";
import { type AdaptedModel, adapt } from "../peft";
import {
  computeFeatures,
  createTrainer,
  type Examples,
  featureExamples,
  type Trainer,
} from "../training";
import { encodeRows } from "./encode";
import { hashOf } from "./hash";
import type { Setting } from "./setting";
import type { RunOptions } from "./types";

/** A run with its model compiled and its rows encoded. */
export interface Assembly {
  readonly model: AdaptedModel;
  readonly trainer: Trainer;
  readonly standardisation: Standardisation | null;
  readonly validation: Examples;
  readonly test: Examples;
}

export interface AssembleOptions extends Pick<RunOptions, "progress" | "signal"> {
  /** Keeps what frozen encoders computed. */
  readonly featuresFolder: string;
}

/** Builds the model of a run and compiles its step. */
export async function assemble(setting: Setting, options: AssembleOptions): Promise<Assembly> {
  const { data, rows, method, pretrained, specification } = setting;
  const { target } = data.task;
  const model = adapt({
    pretrained,
    method,
    head: specification.head,
    outputs: outputsFor(target),
    seed: specification.seeds.init,
  });
  const parts = [rows, data.validation, data.test];
  const [train, validation, test] = (
    specification.features
      ? await keptFeatures(model, parts, specification, options)
      : parts.map((part) => encodeRows(part, pretrained, specification.maxTokens))
  ) as [Examples, Examples, Examples];
  const targets = targetsOf(rows);
  const standardisation = target.kind === "score" ? fitStandardisation(targets) : null;
  const trainer = createTrainer({
    model,
    target,
    standardisation,
    train,
    targets,
    features: specification.features,
    precision: specification.precision,
    batchSize: specification.batchSize,
    seed: specification.seeds.order,
  });
  return { model, trainer, standardisation, validation, test };
}

/** Outputs of a model for a task: one a class, or one. */
export function outputsFor(target: Task["target"]): number {
  return target.kind === "classes" ? target.labels.length : 1;
}

/** Features of each part's rows: from the folder, or computed and put there. */
async function keptFeatures(
  model: AdaptedModel,
  parts: readonly (readonly Row[])[],
  { data, model: encoder, head, maxTokens, fraction, subsetSeed }: Setting["specification"],
  { featuresFolder, progress: report, signal }: AssembleOptions,
): Promise<Examples[]> {
  const reads = head === "mean" ? "mean" : "first";
  const key = { data, encoder, reads, maxTokens, fraction, subsetSeed };
  const file = join(featuresFolder, `${hashOf(key)}.safetensors`);
  const rows = parts.flat();
  const width = model.pretrained.config.hiddenSize;
  if (!existsSync(file)) {
    const examples = encodeRows(rows, model.pretrained, maxTokens);
    const bar = progress(rows.length, { label: "features", unit: "rows", report });
    const data = await computeFeatures(model, examples, (done) => {
      signal?.throwIfAborted();
      bar.set(done);
    }).finally(() => bar.end());
    mkdirSync(featuresFolder, { recursive: true });
    writeSafetensors(file, new Map([["features", { shape: [rows.length, width], data }]]));
  }
  const values = readSafetensors(file).get("features")!.data;
  let start = 0;
  return parts.map((part) => {
    const own = values.subarray(start * width, (start + part.length) * width);
    start += part.length;
    return featureExamples(own, width);
  });
}
