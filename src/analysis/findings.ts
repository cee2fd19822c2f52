import type { RunRecord } from "../experiments/types";
import type { TaskData } from "../glue/types";
import { type RunSummary, summaries } from "./frames";
import { listed, type Markdown, markdown } from "./markdown";
import { samplingError } from "./statistics";
import { points } from "./text";
import { metricName, taskTitle } from "./theme";

/**
 * What the runs show, in words: for each task which methods beat the floor and which did not, and how far each is
 * from full fine-tuning, beside what chance alone may do.
 *
 * @param data of each task in the records; the size of its test part sets the sampling error
 */
export function findings(records: readonly RunRecord[], data: readonly TaskData[]): Markdown {
  const all = summaries(records);
  const tasks = [...new Set(all.map(({ task }) => task))];
  const paragraphs = tasks.map((task) => {
    const own = all.filter((summary) => summary.task === task);
    const rows = data.find((one) => one.task.name === task);
    if (!rows)
      throw new Error(`The findings need the data of ${task}, for the size of its test part.`);
    return taskFindings(own, rows);
  });
  return markdown([...paragraphs, chance(all)].join("\n\n"));
}

function taskFindings(all: readonly RunSummary[], data: TaskData): string {
  const { task, metric, floor } = all[0]!;
  const scored = all.filter(({ mean }) => mean !== null);
  const beat = scored.filter(({ gain }) => gain! > 0);
  const sentences = [
    `**${taskTitle(task)}** (${metricName(metric)}, floor ${points(floor)}).`,
    beat.length > 0
      ? `Above the floor: ${listed(beat.map(({ label, mean, gain }) => `${label} ${points(mean)} (${signed(gain!)})`))}.`
      : "No method beats the floor.",
  ];
  const below = scored.filter(({ gain }) => gain! <= 0);
  if (below.length > 0) {
    sentences.push(
      `Not above it: ${listed(below.map(({ label, mean }) => `${label} ${points(mean)}`))}.`,
    );
  }
  const second = scored.filter(
    ({ secondMean, secondFloor }) => secondMean !== null && secondMean <= secondFloor!,
  );
  if (second.length > 0) {
    const { secondMetric, secondFloor } = second[0]!;
    sentences.push(
      `By ${metricName(secondMetric!)} (floor ${points(secondFloor)}) these do not beat it: ${listed(second.map(({ label, secondMean }) => `${label} ${points(secondMean)}`))}.`,
    );
  }
  const diverged = all.filter(({ diverged }) => diverged > 0);
  if (diverged.length > 0) {
    sentences.push(
      `Diverged: ${listed(diverged.map(({ label, diverged, runs }) => `${label} in ${diverged} of ${diverged + runs} runs`))}.`,
    );
  }
  const full = scored.find(({ method }) => method === "full");
  const others = scored.filter(({ method }) => method !== "full");
  if (full && others.length > 0) {
    sentences.push(
      `Against full fine-tuning: ${listed(others.map(({ label, mean }) => `${label} ${signed(mean! - full.mean!)}`))} points.`,
    );
  }
  const best = scored.reduce<RunSummary | undefined>(
    (a, b) => (a && a.mean! >= b.mean! ? a : b),
    undefined,
  );
  if (best && best.metric !== "f1") {
    const positives = data.test.filter(({ target }) => target === 1).length / data.test.length;
    const error = samplingError(best.metric, best.mean!, { rows: data.test.length, positives });
    sentences.push(
      `A score near ${points(best.mean)} on ${data.test.length} rows has a standard error of ${points(error)} points.`,
    );
  }
  return sentences.join(" ");
}

function chance(all: readonly RunSummary[]): string {
  const runs = Math.min(...all.map(({ runs }) => runs));
  const seeds =
    runs < 2
      ? "Each method was trained with one seed, so nothing is known of what another seed would change."
      : `Each score is a mean of at least ${runs} seeds.`;
  return (
    `${seeds} A difference smaller than about two standard errors, of seeds and test rows together, ` +
    "is not evidence of one."
  );
}

/** In points, with its sign. */
function signed(score: number): string {
  const text = points(Math.abs(score));
  if (text === "0.0") return "±0.0";
  return `${score < 0 ? "−" : "+"}${text}`;
}
