import { appendFileSync } from "node:fs";
import { relative } from "node:path";
import { version } from "../../package.json";
import { device, type ParameterMap } from "../engine";
import { floorScores, score } from "../glue";
import { isOwnTask } from "../glue/own";
import { targetsOf } from "../glue/targets";
import type { Scores, Task } from "../glue/types";
import { type ProgressBar, progress } from "../kernel/api/progress";
import { isHead, writeSafetensors } from "../models";
import { writeWhole } from "../models/files";
import { root } from "../setup/paths";
import {
  batchesPerEpoch,
  type Examples,
  type LoopEnd,
  type LoopState,
  runLoop,
  startOfLoop,
  warmUp,
} from "../training";
import { type Assembly, assemble } from "./assemble";
import { checkpointTimer, readCheckpoint, removeCheckpoint, writeCheckpoint } from "./checkpoint";
import type { RunPlan } from "./plan";
import { prepareFolder, type RunFolder, writeRecord } from "./store";
import type { CurvePoint, RunOptions, RunRecord, Share } from "./types";

/** Steps that a GPU is given at once: it does not wait for losses to be read, and progress still shows. */
const gpuSteps = 8;

/** Trains a run, from its checkpoint where there is one, and leaves its record. */
export async function execute(
  plan: RunPlan,
  folder: RunFolder,
  options: { featuresFolder: string } & Pick<RunOptions, "progress" | "signal">,
): Promise<RunRecord> {
  const { specification } = plan;
  prepareFolder(folder, specification);
  const assembly = await assemble(plan, options);
  try {
    const end = await trainFromCheckpoint(plan, assembly, folder, options);
    return await finish(plan, assembly, folder, end);
  } finally {
    assembly.trainer.dispose();
  }
}

async function trainFromCheckpoint(
  plan: RunPlan,
  { trainer, validation }: Assembly,
  folder: RunFolder,
  { progress: report, signal }: Pick<RunOptions, "progress" | "signal">,
): Promise<LoopEnd> {
  const { specification, rows, data } = plan;
  const { steps } = specification.budget;
  warmUp(trainer);
  const checkpoint = usableCheckpoint(folder);
  if (checkpoint) trainer.step.restore(checkpoint.step);
  const start = checkpoint?.loop ?? startOfLoop;
  // Points after the checkpoint come again.
  writeWhole(folder.curve, start.curve.map((point) => `${JSON.stringify(point)}\n`).join(""));

  const timer = checkpointTimer();
  const save = (loop: LoopState) => writeCheckpoint(folder, { step: trainer.step.state(), loop });
  const bar = progress(steps, { label: labelOf(plan), done: start.steps, report });
  for (const point of start.curve) plot(bar, point);
  const end = await runLoop(
    {
      step: trainer.step,
      steps,
      stepsPerEpoch: batchesPerEpoch(rows.length, specification.batchSize),
      batchAt: trainer.batchAt,
      learningRate: specification.learningRate,
      warmup: specification.optimizer.warmup,
      seed: specification.seeds.dropout,
      evaluations: specification.evaluations,
      evaluate: async () =>
        score(data.task, await trainer.predict(validation), targetsOf(data.validation)),
      onStep: (state, loss, point) => {
        if (point) appendFileSync(folder.curve, `${JSON.stringify(point)}\n`);
        bar.set(state.steps);
        bar.show({ loss });
        if (point) plot(bar, point);
      },
      onCall: (state) => {
        if (state.steps < steps) timer.maybe(() => save(state));
      },
      stepsAtOnce: device().kind === "gpu" ? gpuSteps : 1,
      signal,
    },
    start,
  ).catch((error) => {
    bar.end("failed");
    throw error;
  });
  if (end.status === "stopped") save(end.state);
  bar.end(notes[end.status]);
  if (end.status === "stopped") signal?.throwIfAborted();
  return end;
}

/** Looks at the test part, and writes down what there is to know. */
async function finish(
  plan: RunPlan,
  assembly: Assembly,
  folder: RunFolder,
  { status, state }: LoopEnd,
): Promise<RunRecord> {
  const { data, rows, specification, pretrained } = plan;
  const { model, trainer, standardisation } = assembly;
  const finished = status === "finished";
  const scoreTest = async (examples: Examples): Promise<Scores> =>
    score(data.task, await trainer.predict(examples), targetsOf(data.test));
  const { counts } = model;
  const place = device();
  const record: RunRecord = {
    hash: plan.hash,
    status: finished ? "finished" : "diverged",
    specification,
    task: data.task.name,
    method: specification.method.name,
    trainable: counts.trainable,
    total: counts.total,
    encoder: {
      trainable: counts.encoder,
      total: totalOf(model.parameters, (name) => !isHead(name)),
    },
    head: { trainable: counts.head, total: totalOf(model.parameters, isHead) },
    examples: rows.length,
    steps: state.steps,
    epochs: state.steps / batchesPerEpoch(rows.length, specification.batchSize),
    seconds: state.seconds,
    plannedSeconds: specification.budget.seconds ?? null,
    scores: finished ? await scoreTest(assembly.test) : {},
    validation: (finished && state.curve.at(-1)?.validation) || {},
    floor: floorScores({ ...data, train: rows }),
    curve: state.curve,
    seed: specification.seeds.init,
    data: { source: data.source.kind, from: data.source.from, fingerprint: data.fingerprint },
    model: {
      name: pretrained.name,
      fingerprint: pretrained.fingerprint,
      folder: withinProject(pretrained.folder),
    },
    definition: definitionOf(data.task),
    standardisation,
    device: `${place.name}, ${place.threads} threads`,
    versions: { peftlab: version, node: process.versions.node, tensorflow: place.tensorflow },
    ended: new Date().toISOString(),
  };
  if (finished) writeSafetensors(folder.trained, model.delta(trainer.step.state().parameters));
  writeRecord(folder, record);
  removeCheckpoint(folder);
  return record;
}

/** A task without its rows; of one's own, the names of its columns are needed to predict for a file. */
function definitionOf(task: Task): Task {
  const { name, pair, target, metrics } = task;
  const columns = isOwnTask(task) && { definition: { columns: task.definition.columns } };
  return { name, pair, target, metrics, ...columns };
}

/** A checkpoint that cannot be read costs time, not the run: it starts anew. */
function usableCheckpoint(folder: RunFolder): ReturnType<typeof readCheckpoint> {
  try {
    return readCheckpoint(folder);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}; the run starts anew.\n`);
    return undefined;
  }
}

function labelOf({ specification: { task, method, seeds, fraction } }: RunPlan): string {
  const share = fraction === 1 ? "" : ` ${Math.round(fraction * 100)} %`;
  return `${task}${share} ${method.name} seed ${seeds.init}`;
}

/** What a run's line ends with. */
const notes: Readonly<Record<LoopEnd["status"], string>> = {
  finished: "",
  diverged: "diverged",
  stopped: "goes on when asked again",
};

/** A point more of the curves below the bar; the scores stay beside it. */
function plot(bar: ProgressBar, { step, loss, validation }: CurvePoint): void {
  bar.plot({ "training loss": loss }, step);
  for (const [metric, value] of Object.entries<number | null>(validation ?? {})) {
    bar.show({ [metric]: value ?? "undefined" });
    if (value !== null) bar.plot({ [`validation ${metric}`]: value }, step);
  }
}

function totalOf(parameters: ParameterMap, which: (name: string) => boolean): Share["total"] {
  let total = 0;
  for (const [name, { data }] of parameters) if (which(name)) total += data.length;
  return total;
}

function withinProject(folder: string): string {
  const path = relative(root, folder);
  return path.startsWith("..") ? folder : path;
}
