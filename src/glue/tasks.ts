import type { GlueTaskName, Task } from "./types";

/** What is known of a task's files in GLUE, and what is made of them. */
export interface GlueTask extends Task {
  readonly name: GlueTaskName;
  /** Folder in GLUE's download, and name of the submission file. */
  readonly folder: "MRPC" | "CoLA" | "STS-B";
  /** Rows of GLUE's files. */
  readonly rows: { readonly train: number; readonly dev: number; readonly test: number };
  /** Rows of each class in GLUE's train and dev file. */
  readonly labelCounts?: { readonly train: readonly number[]; readonly dev: readonly number[] };
  /** Rows of GLUE's train file that become validation. */
  readonly validation: number;
}

/** Warstadt et al. 2019: is a sentence acceptable English? */
const cola: GlueTask = {
  name: "cola",
  folder: "CoLA",
  pair: false,
  target: { kind: "classes", labels: ["unacceptable", "acceptable"] },
  metrics: ["matthews", "accuracy"],
  rows: { train: 8551, dev: 1043, test: 1063 },
  labelCounts: { train: [2528, 6023], dev: [322, 721] },
  validation: 900,
};

/** Dolan and Brockett 2005: do two sentences of the news say the same? */
const mrpc: GlueTask = {
  name: "mrpc",
  folder: "MRPC",
  pair: true,
  target: { kind: "classes", labels: ["not_equivalent", "equivalent"] },
  metrics: ["accuracy", "f1"],
  rows: { train: 3668, dev: 408, test: 1725 },
  labelCounts: { train: [1194, 2474], dev: [129, 279] },
  validation: 500,
};

/** Cer et al. 2017: how alike are two sentences, from 0 to 5? */
const stsb: GlueTask = {
  name: "stsb",
  folder: "STS-B",
  pair: true,
  target: { kind: "score", range: [0, 5] },
  metrics: ["pearson", "spearman"],
  rows: { train: 5749, dev: 1500, test: 1379 },
  validation: 700,
};

/** The tasks of the study. */
export const tasks: Readonly<Record<GlueTaskName, GlueTask>> = { mrpc, cola, stsb };

export const taskNames = Object.keys(tasks) as readonly GlueTaskName[];

export function isGlueTaskName(name: string): name is GlueTaskName {
  return Object.hasOwn(tasks, name);
}
