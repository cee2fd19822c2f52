import type { RunRecord } from "../experiments/types";
import { floorScores } from "../glue";
import type { DataSource, MetricName, TaskData } from "../glue/types";
import { DataFrame } from "./danfo";
import { summaries, summaryFrame } from "./frames";
import { type Cell, type Table, table } from "./tables";
import { grouped, percent, points } from "./text";
import { metricWord, taskTitle } from "./theme";

const sources: Readonly<Record<DataSource["kind"], string>> = {
  local: "local GLUE files",
  hub: "GLUE from the Hugging Face Hub",
  sample: "the project's sample corpus, not GLUE",
  own: "own files",
};

/** Which data is in use: its source, rows of each part, and the floor. */
export function dataTable(data: readonly TaskData[]): Table {
  const frame = new DataFrame(
    data.map((one) => {
      const metric = one.task.metrics[0]!;
      return {
        task: taskTitle(one.task.name),
        source: sources[one.source.kind],
        train: one.train.length,
        validation: one.validation.length,
        test: one.test.length,
        metric: metricWord(metric),
        floor: floorScores(one)[metric] ?? 0,
      };
    }),
  );
  return table(frame, {
    caption:
      "Validation is carved out of GLUE's training file; its dev file is the test part. " +
      "Floor: what the commonest label, or the mean score, of the training part gets there, in points.",
    columns: {
      task: "Task",
      source: "Data",
      train: "Train",
      validation: "Validation",
      test: "Test",
      metric: "Metric",
      floor: "Floor",
    },
    formats: { train: count, validation: count, test: count, floor: score },
  });
}

/** Test scores over seeds, what was trained, and how long it took. */
export function resultsTable(records: readonly RunRecord[]): Table {
  const rows = summaries(records);
  const columns = {
    task: "Task",
    label: "Method",
    metric: "Metric",
    mean: "Score",
    deviation: "± SD",
    floor: "Floor",
    gain: "Above floor",
    secondMetric: "Also",
    secondMean: "Score",
    secondFloor: "Floor",
    encoderShare: "Encoder trained",
    encoder: "numbers",
    head: "Head trained",
    seconds: "Seconds",
    runs: "Seeds",
    ...(rows.some(({ undefined: some }) => some > 0) ? { undefined: "Undefined, as 0" } : {}),
    ...(rows.some(({ diverged }) => diverged > 0) ? { diverged: "Diverged" } : {}),
  };
  return table(summaryFrame(records), {
    caption:
      "Test scores in points: mean over seeds with sample standard deviation. Seconds of training steps, mean. " +
      "Trained share of the encoder and numbers of the head, which trains in every method.",
    columns,
    formats: {
      task: (cell) => taskTitle(String(cell)),
      metric: name,
      mean: score,
      deviation: score,
      floor: score,
      gain: score,
      secondMetric: name,
      secondMean: score,
      secondFloor: score,
      encoderShare: (cell) => percent(Number(cell)),
      encoder: count,
      head: count,
      seconds: (cell) => Number(cell).toFixed(1),
    },
  });
}

function score(cell: Cell): string {
  return points(cell as number | null);
}

function count(cell: Cell): string {
  return grouped(Number(cell));
}

function name(cell: Cell): string {
  return cell ? metricWord(cell as MetricName) : "–";
}
