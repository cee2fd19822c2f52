/** The tasks of the study by name. */
export type GlueTaskName = "mrpc" | "cola" | "stsb";

export type MetricName = "accuracy" | "f1" | "matthews" | "pearson" | "spearman";

/** What is asked of a text or a pair: one of some labels, or a score within a range. */
export interface Task {
  readonly name: string;
  readonly pair: boolean;
  readonly target:
    | { readonly kind: "classes"; readonly labels: readonly string[] }
    | { readonly kind: "score"; readonly range: readonly [number, number] };
  /** The first is the one that charts and tables show. */
  readonly metrics: readonly MetricName[];
}

export interface Row {
  readonly text: string;
  readonly pair?: string;
  /** Index into the labels, or the score as given; absent in a test file. */
  readonly target?: number;
  /** GLUE's own index or id of the row, where the file has one. */
  readonly id?: string;
}

/** Where the rows came from; shown in every report. */
export interface DataSource {
  readonly kind: "local" | "hub" | "sample" | "own";
  /** A folder, a repository with its revision, or a file name. */
  readonly from: string;
}

/** A task's rows. Validation is carved out of GLUE's train file; `test` is GLUE's dev file. */
export interface TaskData {
  readonly task: Task;
  readonly source: DataSource;
  /** SHA-256 over all rows of all splits. */
  readonly fingerprint: string;
  readonly train: readonly Row[];
  readonly validation: readonly Row[];
  readonly test: readonly Row[];
}

/** A metric's value; `null` where it is undefined (a constant prediction's correlation). Counts as 0 in means. */
export type Scores = Readonly<Partial<Record<MetricName, number | null>>>;
