import { textWidth } from "../../kernel/values/charts/font";
import type { BenchRow } from "../bench";
import { type Chart, chart } from "../chart";
import { escapeMarkup } from "../text";
import { colors } from "../theme";
import { legendOf, listOnce, type Trace } from "./marks";
import { panelAxes, panels } from "./panels";
import { roomy, ticks } from "./scale";

/** What one column shows of the rows. */
interface Quantity {
  readonly title: string;
  of(row: BenchRow): { median: number; lowest: number; highest: number; expected: number } | null;
  reached(value: number, expected: number): boolean;
}

const quantities: readonly Quantity[] = [
  {
    title: "Times as fast",
    of: ({ speed, speedLowest, speedHighest, speedExpected }) => ({
      median: speed,
      lowest: speedLowest,
      highest: speedHighest,
      expected: speedExpected,
    }),
    reached: (value, expected) => value >= expected,
  },
  {
    title: "Times the memory",
    of: ({ memory, memoryLowest, memoryHighest, memoryExpected }) =>
      memory === null
        ? null
        : {
            median: memory,
            lowest: memoryLowest!,
            highest: memoryHighest!,
            expected: memoryExpected!,
          },
    reached: (value, expected) => value <= expected,
  },
];

const marks = {
  "Goal reached": { color: "#0072b2", symbol: "circle" },
  "Below its goal": { color: "#d55e00", symbol: "diamond" },
} as const;

const labelOf = ({ work, peer }: BenchRow) => `${work} / ${peer}`;
const text = (value: number) => String(Number(value.toPrecision(3)));

/**
 * Our speed and memory over others', a line a comparison: the median with the range of the repetitions, and its goal.
 * The upright line is 1: as fast, as large.
 */
export function ratios(rows: readonly BenchRow[]): Chart {
  const labels = rows.map((row) => escapeMarkup(labelOf(row)));
  const traces: Trace[] = quantities.flatMap((quantity, column) => {
    const panel = panelAxes(0, column, quantities.length);
    const known = rows.flatMap((row, at) => {
      const values = quantity.of(row);
      return values ? [{ ...values, row, y: rows.length - 1 - at }] : [];
    });
    const even: Trace = {
      ...panel,
      type: "scatter",
      mode: "lines",
      name: "1",
      legendgroup: "1",
      legendrank: 2001,
      x: [1, 1],
      y: [-0.6, rows.length - 0.4],
      line: { color: colors.floor, width: 1, dash: "dot" },
      hoverinfo: "skip",
    };
    const goals: Trace = {
      ...panel,
      type: "scatter",
      mode: "markers",
      name: "Goal",
      legendgroup: "Goal",
      legendrank: 2000,
      x: known.map(({ expected }) => expected),
      y: known.map(({ y }) => y),
      marker: { symbol: "line-ns-open", size: 14, color: colors.text },
      hovertemplate: "goal %{x}<extra></extra>",
    };
    const groups = Object.entries(marks).map(([name, { color, symbol }], at): Trace => {
      const own = known.filter(
        ({ median, expected }) => quantity.reached(median, expected) === (at === 0),
      );
      return {
        ...panel,
        type: "scatter",
        mode: "markers",
        name,
        legendgroup: name,
        x: own.map(({ median }) => median),
        y: own.map(({ y }) => y),
        marker: { color, symbol, size: 9 },
        error_x: {
          type: "data",
          symmetric: false,
          array: own.map(({ median, highest }) => highest - median),
          arrayminus: own.map(({ median, lowest }) => median - lowest),
          color,
          thickness: 1.5,
          width: 3,
        },
        hovertemplate: own.map(
          ({ row, median, lowest, highest }) =>
            `<b>${escapeMarkup(labelOf(row))}</b><br>${text(median)} (${text(lowest)} to ${text(highest)})<extra></extra>`,
        ),
      };
    });
    return [even, goals, ...groups.filter(({ x }) => x!.length > 0)];
  });
  const data = listOnce(traces);
  const title = "Our speed and memory over others'";
  const range = (quantity: Quantity) =>
    roomy([
      1,
      ...rows.flatMap((row) => {
        const values = quantity.of(row);
        return values ? [values.lowest, values.highest, values.expected] : [];
      }),
    ]);
  const layout = panels({
    title,
    subtitle: "Marks: medians. Bars: the range of the repetitions. Both axes are logarithmic.",
    columns: quantities.map((quantity) => ({ title: quantity.title })),
    rows: [
      {
        height: Math.max(120, 26 * rows.length),
        axes: (column) => ({
          x: {
            title: { text: quantities[column]!.title, standoff: 8 },
            type: "log",
            range: range(quantities[column]!).map(Math.log10),
            ...ticks(range(quantities[column]!), text),
          },
          y: {
            range: [-0.6, rows.length - 0.4],
            tickmode: "array",
            tickvals: labels.map((_, at) => rows.length - 1 - at),
            ticktext: column === 0 ? labels : labels.map(() => ""),
          },
        }),
      },
    ],
    legend: legendOf(data),
    left: Math.ceil(24 + Math.max(...labels.map((label) => textWidth(label, 12)))),
    between: 24,
  });
  const words = rows.map((row) => {
    const memory = row.memory === null ? "" : `, ${text(row.memory)} times the memory`;
    return `  ${labelOf(row)}: ${text(row.speed)} times as fast${memory}`;
  });
  return chart({ data, layout }, [title, ...words].join("\n"));
}
