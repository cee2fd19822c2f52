import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Device, type Precision, sizeOf } from "../../src/engine";
import { fitStandardisation, standardise, tasks } from "../../src/glue";
import { seeded } from "../../src/glue/random";
import { readGlue } from "../../src/glue/sources";
import type { DataSource, GlueTaskName, Row } from "../../src/glue/types";
import {
  type EncoderConfig,
  encoderShapes,
  formatConfig,
  loadTokenizer,
  normalValues,
  parseConfig,
  poolerShapes,
  seededRandom,
  writeSafetensors,
} from "../../src/models";
import { minilmFolder } from "../../src/setup/paths";
import { epochBatches } from "../../src/training/batches";
import { methodOf } from "./sides/model";
import type {
  BenchMethod,
  EpochWork,
  EvaluateWork,
  ModelWork,
  StepsWork,
  TextRow,
  TokeniseWork,
  TokenRow,
} from "./work";

const maxTokens = 128;
const epochBatch = 32;

export interface ModelOptions {
  /** Hugging Face folder; default MiniLM-L6. */
  readonly model?: string;
  readonly method?: BenchMethod;
  readonly settings?: Readonly<Record<string, number>>;
  readonly precision?: Precision;
  /** Default `cpu`. */
  readonly device?: Device["kind"] | undefined;
}

/** The settings of a method that both sides are told. */
const defaults: Readonly<Partial<Record<BenchMethod, Readonly<Record<string, number>>>>> = {
  lora: { rank: 8, alpha: 8 },
  houlsby: { bottleneck: 64 },
  pfeiffer: { reduction: 16 },
};

export const configOf = (folder: string): EncoderConfig => {
  const file = join(folder, "config.json");
  return parseConfig(JSON.parse(readFileSync(file, "utf8")), file);
};

function modelWork(
  {
    model = minilmFolder,
    method = "full",
    settings,
    precision = "float32",
    device = "cpu",
  }: ModelOptions,
  target: ModelWork["target"] = "classes",
): ModelWork {
  const { hiddenSize, hiddenDropout: dropout, layers } = configOf(model);
  const given = settings ?? defaults[method] ?? {};
  const outputs = target === "classes" ? 2 : 1;
  const draw = seededRandom(1, "classifier");
  return {
    ...{ model, method, settings: given, precision, device, target },
    classifier: Array.from({ length: outputs }, () => [...normalValues(draw, hiddenSize, 0.02)]),
    recipe: {
      dropout,
      learningRate: methodOf({ method, settings: given }, layers).learningRate,
      ...{ betas: [0.9, 0.999], epsilon: 1e-8, decay: 0.01, clip: 1 },
    },
  };
}

/** Steps on pairs of random word pieces, as batches by length hold them: the longest row full, the others nearly. */
export function stepsWork({
  batch = 32,
  tokens = 64,
  warmup = 3,
  steps = 8,
  ...model
}: { batch?: number; tokens?: number; warmup?: number; steps?: number } & ModelOptions): StepsWork {
  const { vocabSize } = configOf(model.model ?? minilmFolder);
  const random = seeded("bench");
  const row = (length: number): TokenRow => ({
    ids: Array.from({ length }, () => 1000 + random.below(vocabSize - 1000)),
    second: Math.ceil(length / 2),
    target: random.below(2),
  });
  const batches = Array.from({ length: 4 }, () =>
    Array.from({ length: batch }, (_, at) =>
      row(at === 0 ? tokens : tokens - random.below(Math.ceil(tokens / 8))),
    ),
  );
  const together = togetherOn(model.device);
  const whole = (count: number) => Math.ceil(count / together) * together;
  return {
    ...{ kind: "steps", ...modelWork(model), together, batches },
    ...{ warmup: whole(warmup), steps: whole(steps) },
  };
}

/** How many steps' losses are read together: a GPU should not have to wait for it. */
const togetherOn = (device?: Device["kind"]) => (device === "gpu" ? 8 : 1);

/** Steps of full fine-tuning on one batch of each of several sizes. */
export function sizesWork(sizes: readonly number[], batch = 32): StepsWork {
  const batches = sizes.map((tokens) => stepsWork({ batch, tokens }).batches[0]!);
  return { ...stepsWork({ batch, warmup: 0, steps: 3 }), batches };
}

/** A task's labelled files; scores are standardised. */
export interface TaskTexts {
  readonly task: GlueTaskName;
  readonly source: DataSource;
  readonly train: readonly TextRow[];
  readonly dev: readonly TextRow[];
}

export async function readTexts(task: GlueTaskName): Promise<TaskTexts> {
  const { source, train, dev } = await readGlue(tasks[task]);
  const standard =
    tasks[task].target.kind === "score"
      ? fitStandardisation(train.map(({ target }) => target))
      : undefined;
  const text = ({ text, pair, target }: Row): TextRow => ({
    ...{ text, ...(pair !== undefined && { pair }) },
    target: standard ? standardise(target!, standard) : target!,
  });
  return { task, source, train: train.map(text), dev: dev.map(text) };
}

const targetOf = (task: GlueTaskName) => tasks[task].target.kind;

/**
 * Part of an epoch of full fine-tuning: of `parts` equal ones the 0-based `part`, or its first `most` batches. The
 * epoch's batches have rows of similar length and come in random order.
 */
export function epochWork(
  { task, train }: TaskTexts,
  {
    part,
    parts,
    most,
    device,
  }: { part: number; parts: number; most: number } & Pick<ModelOptions, "device">,
): EpochWork {
  const model = modelWork({ device }, targetOf(task));
  const tokenizer = loadTokenizer(model.model);
  const lengths = train.map(({ text, pair }) => tokenizer.encode(text, pair, maxTokens).ids.length);
  const batches = epochBatches(lengths, { batch: epochBatch, seed: 1, epoch: 0 });
  const each = Math.ceil(batches.length / parts);
  const own = batches.slice(part * each, (part + 1) * each).slice(0, most);
  return {
    ...{ kind: "epoch", ...model, together: togetherOn(model.device), maxTokens, rows: train },
    ...{ warm: batches.slice(-3), batches: own },
  };
}

export function evaluateWork(
  { task, dev }: Pick<TaskTexts, "task" | "dev">,
  {
    batches,
    passes,
    device,
  }: Pick<EvaluateWork, "batches" | "passes"> & Pick<ModelOptions, "device">,
): EvaluateWork {
  return {
    kind: "evaluate",
    ...modelWork({ device }, targetOf(task)),
    ...{ maxTokens, rows: dev, batches, passes },
  };
}

export function tokeniseWork(all: readonly TaskTexts[], passes: number): TokeniseWork {
  const rows = all.flatMap(({ train }) => train);
  return { kind: "tokenise", model: minilmFolder, maxTokens, rows, passes };
}

/** Changes to a shape of BERT. */
export type Shape = Partial<
  Pick<EncoderConfig, "layers" | "hiddenSize" | "heads" | "intermediateSize">
>;

/** Writes an encoder of MiniLM-L6's vocabulary and another shape, its weights drawn as BERT's are before training. */
export function writeEncoder(folder: string, shape: Shape): string {
  const config = { ...configOf(minilmFolder), ...shape };
  mkdirSync(folder, { recursive: true });
  const parameters = new Map(
    [...encoderShapes(config), ...poolerShapes(config)].map(([name, shape]) => {
      const size = sizeOf(shape);
      const data = name.endsWith(".bias")
        ? new Float32Array(size)
        : name.includes("LayerNorm")
          ? new Float32Array(size).fill(1)
          : normalValues(seededRandom(1, name), size, 0.02);
      return [name, { shape, data }];
    }),
  );
  writeSafetensors(join(folder, "model.safetensors"), parameters);
  const json = { architectures: ["BertModel"], ...formatConfig(config) };
  writeFileSync(join(folder, "config.json"), JSON.stringify(json));
  for (const file of ["tokenizer.json", "vocab.txt", "tokenizer_config.json"])
    if (existsSync(join(minilmFolder, file)))
      copyFileSync(join(minilmFolder, file), join(folder, file));
  return folder;
}
