import type { CurvePoint, RunRecord, RunSpecification } from "../../src/experiments/types";
import { seeded } from "../../src/glue/random";
import { type GlueTask, tasks } from "../../src/glue/tasks";
import type { Scores } from "../../src/glue/types";
import { exampleRecord, exampleSpecification } from "../fixtures/experiments/record";

const floors: Record<string, Scores> = {
  mrpc: { accuracy: 0.6838, f1: 0.8122 },
  cola: { matthews: null, accuracy: 0.6913 },
  stsb: { pearson: null, spearman: null },
};
const known: Readonly<Record<string, GlueTask>> = tasks;
const encoder = 22_565_376;
const pooler = 147_840;

/** Encoder parameters that the methods train, what Houlsby and Pfeiffer add included, and typical scores. */
const methods: Record<
  string,
  { trainable: number; added: number; seconds: number; scores: number[] }
> = {
  full: { trainable: encoder, added: 0, seconds: 92, scores: [0.765, 0.289, 0.85] },
  "head-only": { trainable: 0, added: 0, seconds: 1.4, scores: [0.7, 0.11, 0.81] },
  bitfit: { trainable: 25_728, added: 0, seconds: 61, scores: [0.77, 0.158, 0.845] },
  houlsby: { trainable: 604_000, added: 599_000, seconds: 70, scores: [0.76, 0.22, 0.853] },
  pfeiffer: { trainable: 300_000, added: 295_000, seconds: 66, scores: [0.755, 0.2, 0.851] },
};

/** A record such as a run leaves, made up: nothing of it was measured. */
export function madeUp(
  task: string,
  method: string,
  seed: number,
  change: Partial<Omit<RunRecord, "specification">> & {
    specification?: Partial<RunSpecification>;
  } = {},
): RunRecord {
  const { specification: changed, ...rest } = change;
  const typical = methods[method] ?? methods.bitfit!;
  const random = seeded(`${task} ${method} ${seed}`);
  const floor = floors[task] ?? { accuracy: 0.5 };
  const column = Math.max(0, Object.keys(floors).indexOf(task));
  const best = typical.scores[column]! + 0.03 * (random.next() - 0.5);
  const scores = Object.fromEntries(
    Object.keys(floor).map((name, i) => [name, best + 0.05 * i]),
  ) as Scores;
  const steps = [200, 500, 300][column]!;
  const curve: CurvePoint[] = [];
  for (let step = steps / 20; step <= steps; step += steps / 20) {
    const done = step / steps;
    const start = Object.values(floor)[0] ?? 0;
    const value = start + (best - start) * (1 - Math.exp(-3 * done)) + 0.02 * (random.next() - 0.5);
    curve.push({
      step,
      epoch: step / 100,
      seconds: done * typical.seconds,
      loss: 0.35 + 0.3 * Math.exp(-2 * done) + 0.03 * random.next(),
      learningRate: 1e-3 * (1 - done),
      ...(Math.round(done * 20) % 4 === 0
        ? {
            validation: Object.fromEntries(
              Object.keys(floor).map((name) => [name, value]),
            ) as Scores,
          }
        : {}),
    });
  }
  const classifier = task === "stsb" ? 385 : 770;
  const specification = exampleSpecification({
    task,
    method: { name: method, settings: {} },
    features: method === "head-only",
    budget: { steps },
    learningRate: 1e-3,
    evaluations: 5,
    seeds: { init: seed, order: seed, dropout: seed },
    ...changed,
  });
  const total = encoder + typical.added;
  const head = pooler + classifier;
  return exampleRecord({
    specification,
    trainable: typical.trainable + head,
    total: total + head,
    encoder: { trainable: typical.trainable, total },
    head: { trainable: head, total: head },
    steps,
    epochs: (steps * 32) / 3168,
    seconds: typical.seconds * (0.97 + 0.06 * random.next()),
    scores,
    validation: scores,
    floor,
    curve,
    seed,
    definition: known[task] ?? {
      name: task,
      pair: false,
      target: { kind: "classes", labels: ["no", "yes"] },
      metrics: ["accuracy"],
    },
    ...rest,
  });
}

/** The notebook's runs. */
export function study(
  seeds: number,
  tasks: readonly string[] = ["mrpc", "cola", "stsb"],
  names: readonly string[] = ["full", "head-only", "bitfit", "houlsby", "pfeiffer"],
): RunRecord[] {
  return tasks.flatMap((task) =>
    names.flatMap((method) =>
      Array.from({ length: seeds }, (_, index) => madeUp(task, method, index + 1)),
    ),
  );
}

/** A run that diverged half way. */
export function diverged(task: string, method: string, seed: number): RunRecord {
  const whole = madeUp(task, method, seed);
  const curve = whole.curve.slice(0, 10);
  return {
    ...whole,
    status: "diverged",
    scores: {},
    validation: {},
    steps: curve.at(-1)!.step,
    curve: [...curve.slice(0, -1), { ...curve.at(-1)!, loss: Number.NaN }],
  };
}
