import { accuracy, binaryF1, matthews, pearson, spearman } from "./metrics";
import { floorPrediction, targetsOf } from "./targets";
import type { MetricName, Scores, Task, TaskData } from "./types";

const metrics: Readonly<
  Record<MetricName, (predictions: ArrayLike<number>, targets: ArrayLike<number>) => number | null>
> = { accuracy, f1: binaryF1, matthews, pearson, spearman };

/** The task's metrics. Predictions are class indices, or scores on the task's own scale. */
export function score(
  task: Task,
  predictions: ArrayLike<number>,
  targets: ArrayLike<number>,
): Scores {
  return Object.fromEntries(
    task.metrics.map((name) => [name, metrics[name](predictions, targets)]),
  );
}

/** Scores on `test` of the majority class or the mean score of `train`: what no method may fall below unnoticed. */
export function floorScores(data: TaskData): Scores {
  const prediction = floorPrediction(data);
  return score(
    data.task,
    data.test.map(() => prediction),
    targetsOf(data.test),
  );
}
