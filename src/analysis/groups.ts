import type { RunRecord } from "../experiments/types";
import type { MetricName } from "../glue/types";
import { methodTitle } from "./theme";

/** Runs that differ in nothing but chance: their seeds, and the subset their fraction was drawn as. */
export interface RunGroup {
  readonly task: string;
  readonly method: string;
  /** The method's title, and what tells this group from others of the same method. */
  readonly label: string;
  /** Counts the labels of one method, from 0. */
  readonly variant: number;
  /** In order of their seeds. */
  readonly records: readonly RunRecord[];
}

/** The metric that charts and tables show: the first of the task's. */
export function mainMetric(record: RunRecord): MetricName {
  return record.definition.metrics[0]!;
}

/** Whether the run has no score because its loss became NaN or infinite. */
export function isDiverged({ status }: RunRecord): boolean {
  return status === "diverged";
}

/** The task's names in the records, in order of appearance. */
export function tasksOf(records: readonly RunRecord[]): string[] {
  return [...new Set(records.map(({ task }) => task))];
}

/**
 * Records by task and by everything else that is not chance, in order of appearance. A mean over seeds is taken
 * within a group and nowhere else.
 */
export function groupRuns(records: readonly RunRecord[]): RunGroup[] {
  const groups = new Map<string, RunRecord[]>();
  for (const record of records) {
    const { seeds, subsetSeed, ...rest } = record.specification;
    const key = JSON.stringify(rest);
    const group = groups.get(key);
    if (!group) groups.set(key, [record]);
    else if (!group.some(({ hash }) => hash === record.hash)) group.push(record);
  }
  const variants = new Map<string, string[]>();
  return [...groups.values()].map((group) => {
    const { task, method } = group[0]!;
    const label = labelOf(group[0]!, records);
    const known = variants.get(method) ?? [];
    if (!known.includes(label)) variants.set(method, [...known, label]);
    return {
      task,
      method,
      label,
      variant: variants.get(method)!.indexOf(label),
      records: group.sort((a, b) => a.seed - b.seed),
    };
  });
}

/** `BitFit`, or `BitFit (fraction 0.3)` where a task has runs of that method with other settings. */
function labelOf(record: RunRecord, records: readonly RunRecord[]): string {
  const peers = records.filter(({ method }) => method === record.method);
  const differing = [...settings(record)].filter(([name]) =>
    tasksOf(peers).some((task) => {
      const own = peers.filter((peer) => peer.task === task);
      return new Set(own.map((peer) => settings(peer).get(name))).size > 1;
    }),
  );
  const title = methodTitle(record.method);
  return differing.length === 0
    ? title
    : `${title} (${differing.map(([name, value]) => `${name} ${value}`).join(", ")})`;
}

/** What was asked for, by the last part of its name, seeds and measured costs left out. */
function settings({ specification }: RunRecord): Map<string, string> {
  const { seeds, subsetSeed, budget, data, model, ...rest } = specification;
  const { calibration, ...planned } = budget;
  const found = new Map<string, string>();
  const visit = (name: string, value: unknown) => {
    if (value !== null && typeof value === "object" && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) visit(words(key), inner);
    } else found.set(name, Array.isArray(value) ? value.join(" ") : String(value));
  };
  visit("", { ...rest, ...planned, data: data.slice(0, 8), model: model.slice(0, 8) });
  return found;
}

/** `learningRate` as `learning rate`. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
