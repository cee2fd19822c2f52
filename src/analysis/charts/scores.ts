import type { LayoutAxis } from "plotly.js";
import type { RunRecord } from "../../experiments/types";
import type { MetricName } from "../../glue/types";
import { type Chart, chart } from "../chart";
import { groupRuns, isDiverged, mainMetric, type RunGroup, tasksOf } from "../groups";
import { type Summary, summarize } from "../statistics";
import { escapeMarkup, grouped, percent, points } from "../text";
import { colors, methodStyle, metricTitle, taskTitle } from "../theme";
import { divergedNote, floorLine, groupStyle, legendOf, listOnce, type Trace } from "./marks";
import { panelAxes, panels } from "./panels";
import { padded, roomy, ticks } from "./scale";

/** What stands along the horizontal axis, which is logarithmic. */
export interface Measure {
  /** Of the chart: `Test score against …`. */
  readonly name: string;
  /** Of the axis, with its unit. */
  readonly axis: string;
  of(record: RunRecord): number;
  /** With its unit. */
  format(value: number): string;
  /** Ends of the axis where they are not the records' own. */
  readonly range?: readonly [number, number];
  /** Upright lines in the panel of a task. */
  marks?(records: readonly RunRecord[]): readonly { readonly name: string; readonly at: number }[];
}

/**
 * Test scores of all tasks, a column each: every seed a point, means with their standard deviation, and the floor.
 * Where the floor lies far below, a second row shows the same down to it.
 */
export function scoresAgainst(records: readonly RunRecord[], measure: Measure): Chart {
  const columns = tasksOf(records).map((task) => taskScores(groupRuns(records), task));
  const range = measure.range ?? roomy(records.map(measure.of));
  const far = columns.some(({ extent: [low, high], floor }) => low - floor > high - low);
  const traces: Trace[] = [];
  for (const row of far ? ["close", "whole"] : ["whole"]) {
    columns.forEach((column, index) => {
      const panel = panelAxes(row === "close" || !far ? 0 : 1, index, columns.length);
      const [low, high] = column.extent;
      traces.push(floorLine(range, column.floor, panel));
      for (const { name, at } of measure.marks?.(column.records) ?? []) {
        const whole: [number, number] = [Math.min(low, column.floor), high];
        const y = row === "close" ? padded(column.extent) : whole;
        traces.push(uprightLine(name, at, y, panel));
      }
      for (const group of column.groups) traces.push(...groupMarks(group, measure, panel));
    });
  }

  const data = listOnce(traces);
  const title = `Test score against ${measure.name}`;
  const groups = columns.flatMap((column) => column.groups);
  const note = divergedNote(groups);
  const x = (text: string): Partial<LayoutAxis> => ({
    title: { text, standoff: 8 },
    type: "log",
    range: range.map(Math.log10),
    ...ticks(range, measure.format),
  });
  const metric = (index: number) => metricTitle(columns[index]!.metric);
  const layout = panels({
    title,
    subtitle: groups.some((group) => group.records.length > 1)
      ? "Small marks: seeds. Large marks: their mean, with one sample standard deviation either way."
      : "One seed: a difference may be chance.",
    columns: columns.map(({ task }) => ({ title: taskTitle(task) })),
    rows: far
      ? [
          {
            height: 230,
            axes: (index) => ({
              x: x(""),
              y: { title: { text: metric(index) }, range: padded(columns[index]!.extent) },
            }),
          },
          {
            height: 110,
            axes: () => ({
              x: x(measure.axis),
              y: { title: { text: "with the floor" }, nticks: 4 },
            }),
          },
        ]
      : [
          {
            height: 280,
            axes: (index) => ({ x: x(measure.axis), y: { title: { text: metric(index) } } }),
          },
        ],
    legend: legendOf(data),
    note,
  });
  const words = columns.flatMap((column) => [
    `${taskTitle(column.task)}, ${metricTitle(column.metric)}, floor ${column.floor.toFixed(1)}`,
    ...column.groups.map((group) => `  ${inWords(group, measure)}`),
  ]);
  return chart({ data, layout }, [title, ...words, ...(note ? [note] : [])].join("\n"));
}

/** What one column shows; scores in points. */
interface TaskScores {
  readonly task: string;
  readonly metric: MetricName;
  readonly groups: readonly RunGroup[];
  readonly records: readonly RunRecord[];
  readonly floor: number;
  /** Lowest and highest mark, error bars included. */
  readonly extent: readonly [number, number];
}

function taskScores(all: readonly RunGroup[], task: string): TaskScores {
  const groups = all.filter((group) => group.task === task);
  const records = groups.flatMap((group) => group.records);
  const metric = mainMetric(records[0]!);
  const floor = 100 * (records[0]!.floor[metric] ?? 0);
  const marks = groups
    .map(({ records }) => summarizeScores(records))
    .flatMap(({ mean, deviation, min, max }) =>
      mean === null ? [] : [mean - (deviation ?? 0), mean + (deviation ?? 0), min!, max!],
    );
  const points = marks.length > 0 ? marks.map((mark) => 100 * mark) : [floor];
  return {
    task,
    metric,
    groups,
    records,
    floor,
    extent: [Math.min(...points), Math.max(...points)],
  };
}

/** Of the runs that did not diverge. */
function summarizeScores(records: readonly RunRecord[]): Summary {
  const scored = records.filter((record) => !isDiverged(record));
  return summarize(scored.map((record) => record.scores[mainMetric(record)] ?? null));
}

function inWords(group: RunGroup, measure: Measure): string {
  const { count, mean, deviation } = summarizeScores(group.records);
  if (mean === null) return `${group.label}: every run diverged`;
  const at = summarize(group.records.map(measure.of)).mean!;
  return `${group.label}: ${plusMinus(mean, deviation)} (${seedCount(count)}) at ${measure.format(at)}`;
}

function plusMinus(mean: number, deviation: number | null): string {
  return deviation === null ? points(mean) : `${points(mean)} ± ${points(deviation)}`;
}

/** A mark a seed, if there are several, and a large one with an error bar for their mean. */
function groupMarks(group: RunGroup, measure: Measure, panel: Trace): Trace[] {
  const scored = group.records.filter((record) => !isDiverged(record));
  const { mean, deviation } = summarizeScores(scored);
  if (mean === null) return [];
  const style = groupStyle(group);
  const common: Trace = { ...style, ...panel, mode: "markers" };
  const metric = mainMetric(scored[0]!);
  const seeds: Trace = {
    ...common,
    marker: { ...style.marker, size: 5, opacity: 0.55 },
    x: scored.map(measure.of),
    y: scored.map((record) => 100 * (record.scores[metric] ?? 0)),
    hovertemplate: scored.map(
      (record) =>
        `${hover(record, group)}<br>seed ${record.seed}: ${points(record.scores[metric])}<extra></extra>`,
    ),
  };
  const middle: Trace = {
    ...common,
    x: [summarize(scored.map(measure.of)).mean!],
    y: [100 * mean],
    ...(deviation === null
      ? {}
      : {
          error_y: {
            type: "data",
            array: [100 * deviation],
            color: methodStyle(group.method).color,
            thickness: 1.5,
            width: 4,
            visible: true,
          },
        }),
    hovertemplate: `${hover(scored[0]!, group)}<br>${plusMinus(mean, deviation)}, ${seedCount(scored.length)}<extra></extra>`,
  };
  return scored.length > 1 ? [seeds, middle] : [middle];
}

function seedCount(count: number): string {
  return count === 1 ? "1 seed" : `${count} seeds`;
}
/** The run in words, the encoder's share and the head's apart. */
function hover({ encoder, head, seconds }: RunRecord, { label }: RunGroup): string {
  return [
    `<b>${escapeMarkup(label)}</b>`,
    `encoder ${percent(encoder.trainable / encoder.total)} (${grouped(encoder.trainable)})`,
    `head ${percent(head.trainable / head.total)} (${grouped(head.trainable)})`,
    `${seconds.toFixed(1)} s of training steps`,
  ].join("<br>");
}

function uprightLine(name: string, at: number, y: [number, number], panel: Trace): Trace {
  return {
    ...panel,
    type: "scatter",
    mode: "lines",
    name,
    legendgroup: name,
    legendrank: 2001,
    x: [at, at],
    y,
    line: { color: colors.floor, width: 1.5, dash: "dot" },
    hovertemplate: `${escapeMarkup(name)}<extra></extra>`,
  };
}
