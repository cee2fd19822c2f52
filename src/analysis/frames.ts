import type { RunRecord } from "../experiments/types";
import type { MetricName, Scores } from "../glue/types";
import { DataFrame } from "./danfo";
import { groupRuns, isDiverged, mainMetric } from "./groups";
import { summarize } from "./statistics";

/** One row a run. Scores have a column a metric; what a run does not have is `null`. */
export function runFrame(records: readonly RunRecord[]): DataFrame {
  const metrics = [...new Set(records.flatMap(({ definition }) => definition.metrics))];
  return frame(
    records.map((record) => ({
      task: record.task,
      method: record.method,
      seed: record.seed,
      fraction: record.specification.fraction,
      status: record.status,
      examples: record.examples,
      steps: record.steps,
      epochs: record.epochs,
      seconds: record.seconds,
      encoder: record.encoder.trainable,
      encoderShare: record.encoder.trainable / record.encoder.total,
      head: record.head.trainable,
      trainable: record.trainable,
      total: record.total,
      ...Object.fromEntries(metrics.map((metric) => [metric, record.scores[metric] ?? null])),
      hash: record.hash,
    })),
  );
}

/** What is known of runs that differ by chance only, as `summaryFrame` has it a row. */
export interface RunSummary {
  readonly task: string;
  readonly method: string;
  readonly label: string;
  readonly metric: MetricName;
  /** Runs with a score: those that did not diverge. */
  readonly runs: number;
  readonly diverged: number;
  /** Scores that are undefined and count as 0. */
  readonly undefined: number;
  readonly mean: number | null;
  /** Sample standard deviation over the seeds; `null` for a single one. */
  readonly deviation: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly floor: number;
  /** Mean less floor. */
  readonly gain: number | null;
  /** Trained numbers of the encoder, with what the method added to it. */
  readonly encoder: number;
  readonly encoderShare: number;
  readonly head: number;
  readonly headShare: number;
  /** The task's second metric, its mean and floor; `null` where it has one metric only. */
  readonly secondMetric: MetricName | null;
  readonly secondMean: number | null;
  readonly secondFloor: number | null;
  readonly steps: number;
  /** Mean seconds of training steps. */
  readonly seconds: number;
}

/** Test scores over seeds, by task and method, in the order of the records. */
export function summaries(records: readonly RunRecord[]): RunSummary[] {
  return groupRuns(records).map(({ task, method, label, records }) => {
    const [first] = records as [RunRecord, ...RunRecord[]];
    const metric = mainMetric(first);
    const scored = records.filter((record) => !isDiverged(record));
    const { count, ...scores } = summarize(scored.map((record) => record.scores[metric] ?? null));
    const floor = first.floor[metric] ?? 0;
    return {
      task,
      method,
      label,
      metric,
      runs: count,
      diverged: records.length - count,
      ...scores,
      floor,
      gain: scores.mean === null ? null : scores.mean - floor,
      encoder: first.encoder.trainable,
      encoderShare: first.encoder.trainable / first.encoder.total,
      head: first.head.trainable,
      headShare: first.head.trainable / first.head.total,
      ...second(first.definition.metrics[1], scored, first.floor),
      steps: first.steps,
      seconds: summarize(records.map(({ seconds }) => seconds)).mean!,
    };
  });
}

function second(metric: MetricName | undefined, scored: readonly RunRecord[], floor: Scores) {
  if (!metric) return { secondMetric: null, secondMean: null, secondFloor: null };
  const { mean } = summarize(scored.map(({ scores }) => scores[metric] ?? null));
  return { secondMetric: metric, secondMean: mean, secondFloor: floor[metric] ?? 0 };
}

/** One row for every task and method. */
export function summaryFrame(records: readonly RunRecord[]): DataFrame {
  return frame(summaries(records));
}

/** Danfo makes no frame of no rows, so that is an error that says what is missing. */
function frame(rows: readonly object[]): DataFrame {
  if (rows.length === 0) throw new Error("There are no runs to make a frame of.");
  return new DataFrame(rows);
}
