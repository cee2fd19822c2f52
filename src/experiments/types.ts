import type { Precision } from "../engine/types";
import type { Standardisation } from "../glue/targets";
import type { DataSource, GlueTaskName, Row, Scores, Task, TaskData } from "../glue/types";
import type { ProgressReport } from "../kernel/api/progress";
import type { HeadKind } from "../models";
import type { Json, Method } from "../peft/method";
import type { StepCosts } from "../training/budget";
import type { CurvePoint } from "../training/loop";

export type { CurvePoint } from "../training/loop";

/** How long a run trains; its learning rate schedule ends with it. */
export type Budget =
  | { readonly epochs: number }
  | { readonly steps: number }
  /** Seconds of training steps on the idle machine, turned into steps beforehand by a named calibration. */
  | { readonly seconds: number; readonly calibration?: string };

/** Where chance comes from. */
export interface Seeds {
  /** Initial values of the head and of a method's own parameters. */
  readonly init: number;
  /** Order of the rows. */
  readonly order: number;
  /** Dropout masks. */
  readonly dropout: number;
}

/** What to train. Everything but `progress`, `store` and `signal` is part of the run's hash. */
export interface RunOptions {
  /** One of GLUE's tasks by name, a task of one's own from `defineTask`, or a task's rows as loaded. */
  readonly task: GlueTaskName | Task | TaskData;
  /** Such as `peft.bitfit()`. */
  readonly method: Method;
  /** Share of the training rows, in (0, 1]; default 1. Smaller fractions are parts of larger ones. */
  readonly fraction?: number;
  /** Which nested subsets the fractions are taken from; default 1. */
  readonly subsetSeed?: number;
  /** Default 3 epochs. */
  readonly budget?: Budget;
  /** Initial values, order and dropout in one; default 1. */
  readonly seed?: number;
  /** Any of the three apart. */
  readonly seeds?: Partial<Seeds>;
  /** Peak learning rate; default: the method's. */
  readonly learningRate?: number;
  /** Of the matrix products; default `float32`. */
  readonly precision?: Precision;
  /** Rows a step; default 32. */
  readonly batchSize?: number;
  /** Longer texts are truncated; default 128 tokens. */
  readonly maxTokens?: number;
  /** Default `pooler`. */
  readonly head?: HeadKind;
  /**
   * Trains the head alone on features that the frozen encoder computed once, tens of times faster. The encoder
   * then has no dropout. Only for a method that trains nothing in the encoder, and the default there.
   */
  readonly features?: boolean;
  /** Times the validation part is scored on the way, evenly spaced and ending with the last step; default 5. */
  readonly evaluations?: number;
  /** Hugging Face folder of the encoder; default: the packaged one. */
  readonly model?: string;
  /** Hears how far it is, in place of the notebook or the terminal. */
  readonly progress?: (report: ProgressReport) => void;
  /** Folder of the store; default `data/runs`, or what `PEFTLAB_RUNS` names. */
  readonly store?: string;
  /** Stops the run at its next step; calling again with the same options goes on from there. */
  readonly signal?: AbortSignal;
}

/** A run by value: its canonical JSON's SHA-256 is its name. */
export interface RunSpecification {
  /** Version of the trainer: raised when the same specification would give other weights. */
  readonly version: number;
  readonly task: string;
  /** What a task of one's own predicts and is scored by; GLUE's are known by their names. */
  readonly own?: Pick<Task, "target" | "metrics">;
  /** Fingerprint of the task's rows, all splits. */
  readonly data: string;
  /** Fingerprint of the encoder as loaded. */
  readonly model: string;
  readonly method: { readonly name: string; readonly settings: { readonly [key: string]: Json } };
  readonly head: HeadKind;
  readonly features: boolean;
  readonly fraction: number;
  readonly subsetSeed: number;
  /** Planned steps, and for a budget in seconds what they were planned from. */
  readonly budget: {
    readonly steps: number;
    readonly seconds?: number;
    readonly calibration?: {
      readonly name: string;
      readonly costs: StepCosts;
    };
  };
  readonly optimizer: {
    readonly name: "adamw";
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
    readonly weightDecay: number;
    readonly clip: number;
    /** Share of the steps. */
    readonly warmup: number;
  };
  readonly learningRate: number;
  readonly precision: Precision;
  readonly batchSize: number;
  readonly maxTokens: number;
  readonly evaluations: number;
  readonly seeds: Seeds;
}

/** How much of one part of the model trains. */
export interface Share {
  readonly trainable: number;
  readonly total: number;
}

/** What is known of a run that has ended. Charts and tables read nothing else. */
export interface RunRecord {
  readonly hash: string;
  /** `diverged`: the loss became NaN or infinite at step `steps`; there are no scores. */
  readonly status: "finished" | "diverged";
  readonly specification: RunSpecification;
  readonly task: string;
  readonly method: string;
  /** Trained numbers, head included. */
  readonly trainable: number;
  /** All numbers of encoder, method and head. */
  readonly total: number;
  /** The encoder's share, with what the method added to it. */
  readonly encoder: Share;
  readonly head: Share;
  /** Training rows used. */
  readonly examples: number;
  /** Steps taken. */
  readonly steps: number;
  /** Passes over the training rows. */
  readonly epochs: number;
  /** Measured seconds of training steps; compiling, evaluation and waiting are left out. */
  readonly seconds: number;
  /** The seconds that were asked for, where the budget was given so. */
  readonly plannedSeconds: number | null;
  /** On the test part (GLUE's dev file), looked at once, at the end. */
  readonly scores: Scores;
  /** On the validation part, at the end. */
  readonly validation: Scores;
  /** What the commonest label, or the mean score, of the training rows gets on the test part. */
  readonly floor: Scores;
  readonly curve: readonly CurvePoint[];
  readonly seed: number;
  /** Where the rows came from, and the SHA-256 over all of them. */
  readonly data: {
    readonly source: DataSource["kind"];
    readonly from: string;
    readonly fingerprint: string;
  };
  /** The encoder; `folder` is relative to the project where it lies within. */
  readonly model: { readonly name: string; readonly fingerprint: string; readonly folder: string };
  /** What is predicted. */
  readonly definition: Task;
  /** How scores were standardised for training; `null` for classes. */
  readonly standardisation: Standardisation | null;
  readonly device: string;
  readonly versions: {
    readonly peftlab: string;
    readonly node: string;
    readonly tensorflow: string;
  };
  /** When it ended, ISO 8601. */
  readonly ended: string;
}

/** What a trained run says of one text or pair. */
export interface Prediction {
  /** The label, for a task with classes. */
  readonly label: string | null;
  /** The predicted score, or the label's logit. */
  readonly score: number;
  /** The label's probability, for a task with classes. */
  readonly probability: number | null;
}

/** A value with this method is shown by the kernel as what it returns. */
export const display: unique symbol = Symbol.for("Jupyter.display");

/** A MIME bundle, as a kernel shows it. */
export type MimeBundle = Readonly<Record<string, string>>;

/** A trained run: its record, and the use of what was trained. Shows itself as a table. */
export interface Run {
  readonly record: RunRecord;
  readonly hash: string;
  readonly scores: Scores;
  readonly curve: readonly CurvePoint[];
  readonly seconds: number;
  readonly trainable: number;
  /** Labels or scores for new rows, one prediction each, in their order. */
  predict(rows: readonly Pick<Row, "text" | "pair">[]): Promise<Prediction[]>;
  [display](): MimeBundle;
}
