import type { Precision } from "../../src/engine";
import type { TargetKind } from "../../src/peft/step";

/** What the sides of a measurement do: in a file that each process reads. */
export type Work = StepsWork | EpochWork | EvaluateWork | TokeniseWork | ProductsWork;

/** Methods that both sides have; `top` trains the uppermost layers. */
export const benchMethods = [
  "full",
  "head-only",
  "bitfit",
  "lora",
  "houlsby",
  "pfeiffer",
  "top",
] as const;
export type BenchMethod = (typeof benchMethods)[number];

/** A model with a method, and how it is trained. */
export interface ModelWork {
  /** Hugging Face folder. */
  readonly model: string;
  readonly method: BenchMethod;
  readonly settings: Readonly<Record<string, number>>;
  /** What is multiplied; parameters are float32. */
  readonly precision: Precision;
  readonly device: "cpu" | "gpu";
  readonly target: TargetKind;
  /** Start values, `[outputs, hidden]`; the bias starts at 0. */
  readonly classifier: readonly (readonly number[])[];
  readonly recipe: Recipe;
}

export interface Recipe {
  readonly dropout: number;
  readonly learningRate: number;
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  readonly decay: number;
  readonly clip: number;
}

/** Steps on batches that are tokenised already. */
export interface StepsWork extends ModelWork {
  readonly kind: "steps";
  /** Steps before the clock starts, and steps on the clock. */
  readonly warmup: number;
  readonly steps: number;
  /** Steps between readings of the loss; both numbers above are multiples of it. */
  readonly together: number;
  /** Taken in turn. */
  readonly batches: readonly (readonly TokenRow[])[];
}

/** Steps from texts on: tokenising and making batches are on the clock. */
export interface EpochWork extends ModelWork {
  readonly kind: "epoch";
  readonly maxTokens: number;
  readonly together: number;
  readonly rows: readonly TextRow[];
  /** Of row indices: before the clock starts, and on the clock. */
  readonly warm: readonly (readonly number[])[];
  readonly batches: readonly (readonly number[])[];
}

/** Forward passes over all rows, sorted by length. */
export interface EvaluateWork extends ModelWork {
  readonly kind: "evaluate";
  readonly maxTokens: number;
  readonly rows: readonly TextRow[];
  /** Rows a batch, one after the other, of PyTorch and onnxruntime; we pack as many rows as training does. */
  readonly batches: readonly number[];
  /** On the clock for each, after one that is not. */
  readonly passes: number;
}

export interface TokeniseWork {
  readonly kind: "tokenise";
  readonly model: string;
  readonly maxTokens: number;
  readonly rows: readonly TextRow[];
  readonly passes: number;
}

/** Products of matrices `[m, k]` and `[n, k]` transposed. */
export interface ProductsWork {
  readonly kind: "products";
  readonly shapes: readonly (readonly [m: number, k: number, n: number])[];
  /** At least, for each. */
  readonly seconds: number;
}

/** Special tokens included; segment B starts at `second`. */
export interface TokenRow {
  readonly ids: readonly number[];
  readonly second: number;
  readonly target: number;
}

export interface TextRow {
  readonly text: string;
  readonly pair?: string;
  /** A class, or a standardised score. */
  readonly target: number;
}

/** What one process reports as a line of its output, as JSON. */
export interface Measurement {
  /** Of each step, pass or share of an epoch on the clock. */
  readonly milliseconds: readonly number[];
  /** Largest resident set of the process. */
  readonly peakBytes: number;
  readonly trainable: number;
  /** Mean loss, mean logit or mean token: both sides must be doing the same. */
  readonly check: number;
  readonly threads: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** What products are measured in. */
export type ProductPrecision = "float32" | "bfloat16";

/** GFLOP/s of each of the work's shapes. */
export interface ProductSpeeds {
  readonly gigaflops: Readonly<Record<ProductPrecision, readonly number[]>>;
  /** float32 by the engine's own kernel; on our side only, and not on a GPU. */
  readonly kernel?: readonly number[];
  readonly versions: Readonly<Record<string, string>>;
}

/** What making a step costs, see sides/compile.ts. */
export interface CompileCost {
  readonly milliseconds: { readonly build: number; readonly firstSteps: number };
  /** Largest resident set up to the first step of each size, and of steps after that; null where unknown. */
  readonly peakBytes: { readonly first: number; readonly later: number } | null;
  readonly versions: Readonly<Record<string, string>>;
}
