import { htmlTable, textTable } from "./table";
import { display, type Run, type RunRecord } from "./types";

/** A run from the store, ready to be shown and used. */
export function openRun(record: RunRecord, store: string): Run {
  const { hash, scores, curve, seconds, trainable } = record;
  const rows = rowsOf(record);
  return {
    record,
    hash,
    scores,
    curve,
    seconds,
    trainable,
    async predict(rows) {
      const { predict } = await import("./predict");
      return predict(record, store, rows);
    },
    [display]: () => ({ "text/plain": textTable(rows), "text/html": htmlTable(rows) }),
  };
}

/** What a run is about, line by line. */
export function rowsOf(record: RunRecord): [string, string][] {
  const { encoder, head } = record;
  const percent = (share: number) => `${(100 * share).toPrecision(3)} %`;
  const number = (value: number) => value.toLocaleString("en");
  const planned = record.plannedSeconds === null ? "" : ` (planned ${record.plannedSeconds} s)`;
  return [
    ["task", `${record.task}, ${number(record.examples)} examples (${record.data.source})`],
    ["method", `${record.method} on ${record.model.name}`],
    [
      "trainable",
      `${number(record.trainable)} of ${number(record.total)} (${percent(record.trainable / record.total)}): ` +
        `encoder ${number(encoder.trainable)}, head ${number(head.trainable)}`,
    ],
    ...record.definition.metrics.map((metric): [string, string] => {
      const shown = (value: number | null | undefined) =>
        value === undefined ? "–" : value === null ? "undefined" : value.toFixed(4);
      return [metric, `${shown(record.scores[metric])} (floor ${shown(record.floor[metric])})`];
    }),
    [
      "training",
      `${record.steps} of ${record.specification.budget.steps} steps, ${record.epochs.toFixed(2)} epochs, ` +
        `${record.seconds.toFixed(1)} s${planned}${record.status === "diverged" ? ", diverged" : ""}`,
    ],
    ["seed", `${record.seed}`],
    ["hash", record.hash],
  ];
}
