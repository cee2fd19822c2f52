import { z } from "zod";
import type { Precision } from "../engine/types";
import type { HeadKind } from "../models/types";
import type { RunOptions, Seeds } from "./types";

export const precisions = ["float32", "tf32", "bfloat16"] as const satisfies Precision[];

export const headKinds = ["pooler", "frozen-pooler", "mean"] as const satisfies HeadKind[];

/** What is used where a run's options say nothing. */
export const defaults = {
  fraction: 1,
  subsetSeed: 1,
  budget: { epochs: 3 },
  seed: 1,
  precision: "float32",
  batchSize: 32,
  maxTokens: 128,
  head: "pooler",
  evaluations: 5,
  calibration: "default",
} as const;

const positive = z.number().positive();
const seedValue = z
  .int()
  .nonnegative()
  .max(2 ** 31 - 1);
const schema = z.object({
  fraction: z.number().positive().max(1),
  subsetSeed: seedValue,
  budget: z.union([
    z.strictObject({ epochs: positive }),
    z.strictObject({ steps: z.int().positive() }),
    z.strictObject({ seconds: positive, calibration: z.string().regex(/^[\w.-]+$/) }),
  ]),
  seeds: z.object({ init: seedValue, order: seedValue, dropout: seedValue }),
  learningRate: positive,
  precision: z.enum(precisions),
  batchSize: z.int().positive(),
  maxTokens: z.int().min(3),
  head: z.enum(headKinds),
  features: z.boolean(),
  evaluations: z.int().positive(),
});

/** A run's options with every default in place. */
export type CompleteOptions = z.output<typeof schema>;

/**
 * Fills in the defaults.
 * @throws naming every option that is out of range, and what it may be
 */
export function completeOptions(options: RunOptions): CompleteOptions {
  const { method, seed = defaults.seed, budget = defaults.budget } = options;
  const trainsHeadOnly = method.name === "head-only";
  const seeds: Seeds = { init: seed, order: seed, dropout: seed, ...options.seeds };
  const { fraction, subsetSeed, precision, batchSize, maxTokens, head, evaluations } = {
    ...defaults,
    ...dropUndefined(options),
  };
  const parsed = schema.safeParse({
    fraction,
    subsetSeed,
    budget: "seconds" in budget ? { calibration: defaults.calibration, ...budget } : budget,
    seeds,
    learningRate: options.learningRate ?? method.learningRate,
    precision,
    batchSize,
    maxTokens,
    head,
    features: options.features ?? trainsHeadOnly,
    evaluations,
  });
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new Error(`These options of a run cannot be: ${faults.join("; ")}.`);
  }
  if (parsed.data.features && !trainsHeadOnly) {
    throw new Error(
      `features: true trains the head alone on what the frozen encoder gives; ${method.name} changes the encoder. Use head-only, or leave features out.`,
    );
  }
  return parsed.data;
}

function dropUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(value).filter(([, member]) => member !== undefined),
  ) as Partial<T>;
}
