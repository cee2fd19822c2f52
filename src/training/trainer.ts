import { compile, type Feed, type Precision, type Step } from "../engine";
import type { Standardisation } from "../glue/targets";
import type { Task } from "../glue/types";
import { type AdaptedModel, stepOf } from "../peft";
import { type Batch, epochBatches, tokensOf, trainingBatches } from "./batches";
import { fitCosts, type StepCosts } from "./budget";
import { decide, outputsOf } from "./evaluate";
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
  /** The examples are features of the frozen encoder: the head alone trains. */
  readonly features: boolean;
  readonly precision: Precision;
  readonly batchSize: number;
  /** Of the rows' order. */
  readonly seed: number;
}

/** A model ready to be trained on some rows and to predict others. */
export interface Trainer {
  readonly step: Step;
  /** The batch of the first epoch with the fewest tokens, one in the middle, and the one with the most. */
  readonly samples: { readonly least: Sample; readonly typical: Sample; readonly most: Sample };
  batchAt(step: number): Feed;
  /** Labels' indices or scores, one a row. */
  predict(examples: Examples): Promise<number[]>;
  dispose(): void;
}

export interface Sample {
  readonly tokens: number;
  readonly feed: Feed;
}

/** Compiles a step for the batches of a run. */
export function createTrainer(options: TrainerOptions): Trainer {
  const { model, target, train, standardisation } = options;
  const order = { batch: options.batchSize, seed: options.seed };
  const rowsAt = trainingBatches(train.lengths, order);
  const definition = options.features
    ? headStepOf(model, { target: target.kind })
    : stepOf(model, { target: target.kind, optimizer });
  const step = compile({ ...definition, precision: options.precision });
  const feedOf = (rows: Batch): Feed => ({
    ...train.feed(rows),
    ...targetFeed(options.targets, rows, standardisation),
  });
  const bySize = epochBatches(train.lengths, { ...order, epoch: 0 })
    .map((rows) => ({ rows, tokens: tokensOf(train.lengths, rows) }))
    .sort((a, b) => a.tokens - b.tokens);
  const sample = (share: number): Sample => {
    const { rows, tokens } = bySize[Math.floor(share * (bySize.length - 1))]!;
    return { tokens, feed: feedOf(rows) };
  };
  return {
    step,
    samples: { least: sample(0), typical: sample(0.5), most: sample(1) },
    batchAt: (at) => feedOf(rowsAt(at)),
    predict: async (examples) => decide(target, await outputsOf(step, examples), standardisation),
    dispose: () => step.dispose(),
  };
}

/**
 * Takes a step and puts everything back: TensorFlow prepares a graph when it first runs it, and that time belongs to
 * no step. Another number of tokens then costs nothing more.
 */
export function warmUp({ step, samples }: Pick<Trainer, "step" | "samples">): void {
  const start = step.state();
  step.train(samples.typical.feed, { learningRate: 0, seed: 0 });
  step.restore(start);
}

/** What steps cost: fitted to the median of five for each sample, after a warm-up. Leaves the step trained. */
export function measureSteps({ step, samples }: Trainer): StepCosts {
  const seconds = ({ feed }: Sample) => {
    const began = performance.now();
    step.train(feed, { learningRate: 0, seed: 0 });
    return (performance.now() - began) / 1000;
  };
  return fitCosts(
    Object.values(samples).map((sample: Sample) => {
      seconds(sample);
      const times = Array.from({ length: 5 }, () => seconds(sample));
      return { tokens: sample.tokens, seconds: times.sort((a, b) => a - b)[2]! };
    }),
  );
}
