import { type BatchShape, compile, type Feed, type Step } from "../engine";
import type { Standardisation } from "../glue/targets";
import type { Task } from "../glue/types";
import { type AdaptedModel, stepOf } from "../peft";
import { type Batch, tokenBuckets, trainingBatches } from "./batches";
import { batchesOf, decide, evaluationBatch, outputsOf } from "./evaluate";
import { type Examples, targetFeed } from "./examples";
import { headStepOf } from "./features";
import { optimizer } from "./optimizer";

export interface TrainerOptions {
  readonly model: AdaptedModel;
  readonly target: Task["target"];
  /** How scores were standardised; `null` for classes. */
  readonly standardisation: Standardisation | null;
  readonly train: Examples;
  /** Of the rows of `train`. */
  readonly targets: readonly number[];
  /** Everything that will be predicted. */
  readonly evaluated: readonly Examples[];
  /** The examples are features of the frozen encoder: the head alone trains. */
  readonly features: boolean;
  readonly batchSize: number;
  /** Of the rows' order. */
  readonly seed: number;
  /** Steps that will be taken, or `all` for the batch shapes of every possible one. */
  readonly steps: number | "all";
}

/** A model ready to be trained on some rows and to predict others. */
export interface Trainer {
  readonly step: Step;
  /** A batch of each shape that will be trained on. */
  readonly samples: readonly PreparedBatch[];
  batchAt(step: number): PreparedBatch;
  /** Labels' indices or scores, one a row; `examples` is one of `evaluated`. */
  predict(examples: Examples): Promise<number[]>;
  dispose(): void;
}

export interface PreparedBatch {
  readonly shape: BatchShape;
  readonly feed: Feed;
}

/** Compiles a step for the batches of a run. */
export function createTrainer(options: TrainerOptions): Trainer {
  const { model, target, train, evaluated } = options;
  const buckets = tokenBuckets(train.lengths, options.batchSize);
  const rowsAt = trainingBatches(train.lengths, {
    batch: options.batchSize,
    buckets,
    seed: options.seed,
  });
  const samples = usedBuckets(rowsAt, buckets, options.steps).map((tokens) =>
    sampleOf({ batch: options.batchSize, tokens }, train.lengths),
  );
  const evaluationBuckets = tokenBuckets(
    evaluated.flatMap(({ lengths }) => lengths),
    evaluationBatch,
  );
  const shapes = {
    train: samples.map(({ shape }) => shape),
    evaluate: evaluationBuckets.map((tokens) => ({ batch: evaluationBatch, tokens })),
  };
  const step = compile(
    options.features
      ? headStepOf(model, { target: target.kind, examples: train, shapes })
      : stepOf(model, { target: target.kind, optimizer, shapes }),
  );
  const prepare = (batch: Batch): PreparedBatch => ({
    shape: batch.shape,
    feed: {
      ...train.feed(batch),
      ...targetFeed(options.targets, batch, options.standardisation),
    },
  });
  const batches = new Map(evaluated.map((part) => [part, batchesOf(part, evaluationBuckets)]));
  return {
    step,
    samples: samples.map(prepare),
    batchAt: (at) => prepare(rowsAt(at)),
    predict: async (part) =>
      decide(target, await outputsOf(step, part, batches.get(part)!), options.standardisation),
    dispose: () => step.dispose(),
  };
}

/**
 * Takes a step of each shape and puts everything back: TensorFlow prepares a graph when it first runs it, and that
 * time belongs to no step.
 */
export function warmUp({ step, samples }: Pick<Trainer, "step" | "samples">): void {
  const start = step.state();
  for (const { shape, feed } of samples) step.train(shape, feed, { learningRate: 0, seed: 0 });
  step.restore(start);
}

/** Seconds of a step of each shape: the median of five, after a warm-up. Leaves the step trained. */
export function measureSteps({ step, samples }: Trainer): Map<BatchShape, number> {
  warmUp({ step, samples });
  return new Map(
    samples.map(({ shape, feed }) => {
      const times = Array.from({ length: 5 }, () => {
        const began = performance.now();
        step.train(shape, feed, { learningRate: 0, seed: 0 });
        return (performance.now() - began) / 1000;
      });
      return [shape, times.sort((a, b) => a - b)[2]!];
    }),
  );
}

/** The buckets that the batches of a run fall into. */
function usedBuckets(
  batchAt: (step: number) => Batch,
  buckets: readonly number[],
  steps: number | "all",
): readonly number[] {
  if (steps === "all") return buckets;
  const used = new Set<number>();
  for (let step = 0; step < steps && used.size < buckets.length; step++) {
    used.add(batchAt(step).shape.tokens);
  }
  return buckets.filter((tokens) => used.has(tokens));
}

/** A batch of a shape: the longest rows that fit. */
function sampleOf(shape: BatchShape, lengths: readonly number[]): Batch {
  const fitting = [...lengths.keys()].filter((row) => lengths[row]! <= shape.tokens);
  fitting.sort((a, b) => lengths[a]! - lengths[b]!);
  return { shape, rows: fitting.slice(-shape.batch) };
}
