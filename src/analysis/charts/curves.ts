import type { LayoutAxis, PlotMarker as Marker } from "plotly.js";
import type { CurvePoint, RunRecord } from "../../experiments/types";
import { type Chart, chart } from "../chart";
import { groupRuns, isDiverged, mainMetric, type RunGroup, tasksOf } from "../groups";
import { summarize } from "../statistics";
import { escapeMarkup, points } from "../text";
import { metricTitle, taskTitle } from "../theme";
import { divergedNote, floorLine, groupStyle, legendOf, listOnce, type Trace } from "./marks";
import { panelAxes, panels } from "./panels";

/** What one panel shows of a learning curve. */
interface Quantity {
  of(point: CurvePoint): number | null | undefined;
  /** How plotly writes a value. */
  readonly format: string;
}

const loss: Quantity = { of: (point) => point.loss, format: ".3f" };

/** Learning curves of all tasks: training loss above, validation score below, against steps. */
export function learningCurves(records: readonly RunRecord[]): Chart {
  const groups = groupRuns(records);
  const tasks = tasksOf(records);
  const longest = (task: string) =>
    Math.max(1, ...records.filter((record) => record.task === task).map(({ steps }) => steps));
  const traces: Trace[] = [];
  const words: string[] = [];
  tasks.forEach((task, column) => {
    const own = groups.filter((group) => group.task === task);
    const sample = own[0]!.records[0]!;
    const metric = mainMetric(sample);
    const score: Quantity = {
      of: ({ validation }) => {
        const value = validation && (validation[metric] ?? 0);
        return value === undefined ? undefined : 100 * value;
      },
      format: ".1f",
    };
    const [upper, lower] = [0, 1].map((row) => panelAxes(row, column, tasks.length)) as [
      Trace,
      Trace,
    ];
    traces.push(floorLine([0, longest(task)], 100 * (sample.floor[metric] ?? 0), lower));
    words.push(`${taskTitle(task)}: ${metricTitle(metric)} on validation at the end`);
    for (const group of own) {
      traces.push(...lines(group, loss, upper), ...lines(group, score, lower));
      const ended = group.records.filter((record) => !isDiverged(record));
      const last = ended.map(({ validation }) => validation[metric] ?? null);
      words.push(`  ${group.label}: ${points(summarize(last).mean)}`);
    }
  });

  const data = listOnce(traces);
  const title = "Learning curves";
  const note = divergedNote(groups);
  const several = groups.some((group) => group.records.length > 1);
  const steps = (column: number, text: string): Partial<LayoutAxis> => ({
    title: { text, standoff: 8 },
    range: [0, 1.03 * longest(tasks[column]!)],
  });
  const layout = panels({
    title,
    subtitle: `Training loss, and score on the validation part, against steps.${
      several ? " Thin lines: seeds. Thick lines: their mean." : ""
    } The floor is that of the test part.`,
    columns: tasks.map((task) => ({ title: taskTitle(task) })),
    rows: [
      {
        height: 190,
        axes: (column) => ({
          x: steps(column, ""),
          y: { title: { text: "Training loss", standoff: 6 } },
        }),
      },
      {
        height: 240,
        axes: (column) => {
          const sample = records.find(({ task }) => task === tasks[column])!;
          return {
            x: steps(column, "Steps"),
            y: { title: { text: metricTitle(mainMetric(sample)), standoff: 6 } },
          };
        },
      },
    ],
    legend: legendOf(data),
    note,
  });
  return chart({ data, layout }, [title, ...words, ...(note ? [note] : [])].join("\n"));
}

/** Of a long curve some points are marked: marks tell its method. */
const marks = ({ marker }: Trace): Partial<Marker> => ({ ...marker, size: 5, maxdisplayed: 10 });

/** A cross at the last of the points, the only mark. */
function endingIn(marker: Partial<Marker>, count: number): Partial<Marker> {
  const size = Array.from({ length: count }, (_, index) => (index === count - 1 ? 12 : 0));
  return { ...marker, symbol: "x-thin-open", size };
}

/** A thin line a seed and a thick one for their mean; of a single seed the thick one. A cross ends a diverged run. */
function lines(group: RunGroup, quantity: Quantity, panel: Trace): Trace[] {
  const style = groupStyle(group);
  const several = group.records.length > 1;
  const name = escapeMarkup(group.label);
  const traces: Trace[] = [];
  for (const record of group.records) {
    const curve = known(record, quantity);
    const cross = isDiverged(record) && curve.length > 0;
    traces.push({
      ...style,
      ...panel,
      mode: several && !cross ? "lines" : "lines+markers",
      opacity: several ? 0.45 : 1,
      line: { ...style.line, width: several ? 1 : 2 },
      marker: cross ? endingIn(style.marker!, curve.length) : marks(style),
      x: curve.map(({ step }) => step),
      y: curve.map(({ value }) => value),
      hovertemplate: `<b>${name}</b>, seed ${record.seed}<br>step %{x}: %{y:${quantity.format}}<extra></extra>`,
    });
  }
  if (several)
    traces.push({
      ...style,
      ...panel,
      mode: "lines+markers",
      marker: marks(style),
      ...mean(group, quantity),
      hoverinfo: "skip",
    });
  return traces;
}

function known(record: RunRecord, quantity: Quantity): { step: number; value: number }[] {
  return record.curve.flatMap((point) => {
    const value = quantity.of(point);
    return typeof value === "number" && Number.isFinite(value) ? [{ step: point.step, value }] : [];
  });
}

/** At the steps that every run of the group has that did not diverge. */
function mean(group: RunGroup, quantity: Quantity): { x: number[]; y: number[] } {
  const curves = group.records
    .filter((record) => !isDiverged(record))
    .map((record) => known(record, quantity));
  const byStep = new Map<number, number[]>();
  for (const { step, value } of curves.flat())
    byStep.set(step, [...(byStep.get(step) ?? []), value]);
  const shared = [...byStep].filter(([, values]) => values.length === curves.length);
  return {
    x: shared.map(([step]) => step),
    y: shared.map(([, values]) => summarize(values).mean!),
  };
}
