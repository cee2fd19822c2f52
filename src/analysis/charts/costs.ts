import type { LayoutAxis } from "plotly.js";
import type { CostAxis, CostPoint, CostSide } from "../bench";
import { costMedians } from "../bench-findings";
import { type Chart, chart } from "../chart";
import { grouped, percent } from "../text";
import { axisTitles, sideStyles } from "../theme";
import { legendOf, listOnce, type Trace } from "./marks";
import { panelAxes, panels } from "./panels";
import { roomy, ticks } from "./scale";

/** What one row of panels shows of a step. */
interface Quantity {
  readonly title: string;
  of(point: Pick<CostPoint, "milliseconds" | "peakMiB">): number;
  format(value: number): string;
}

const quantities: readonly Quantity[] = [
  {
    title: "Seconds a step",
    of: ({ milliseconds }) => milliseconds / 1000,
    format: (value) => String(Number(value.toPrecision(3))),
  },
  { title: "Peak memory, MiB", of: ({ peakMiB }) => peakMiB, format: grouped },
];

const axisFormat = (axis: CostAxis) => (axis === "share" ? percent : grouped);

/**
 * What a training step costs, its time above and the process's peak memory below, a column for each thing that is
 * varied. Both axes are logarithmic: what grows as a power is straight. Lines join the medians of the repetitions,
 * bars are their range.
 */
export function costCurves(points: readonly CostPoint[]): Chart {
  const axes = [...new Set(points.map(({ axis }) => axis))];
  const sides = [...new Set(points.map(({ side }) => side))];
  const traces = axes.flatMap((axis, column) =>
    quantities.flatMap((quantity, row) =>
      sides.map((side) => ({
        ...line(points, axis, side, quantity),
        ...panelAxes(row, column, axes.length),
      })),
    ),
  );
  const data = listOnce(traces);
  const title = "What a training step costs";
  const all = (quantity: Quantity) => roomy(points.map(quantity.of));
  const layout = panels({
    title,
    subtitle: "Lines: medians of the repetitions. Bars: their range. All axes are logarithmic.",
    columns: axes.map((axis) => ({ title: axisTitles[axis] })),
    rows: quantities.map((quantity, row) => ({
      height: 200,
      axes: (column) => ({
        x: horizontal(points, axes[column]!, row === quantities.length - 1),
        y: {
          title: { text: column === 0 ? quantity.title : "", standoff: 6 },
          type: "log",
          range: all(quantity).map(Math.log10),
          ...ticks(all(quantity), quantity.format),
        },
      }),
    })),
    legend: legendOf(data),
    between: 56,
  });
  const words = axes.flatMap((axis) => [
    axisTitles[axis],
    ...sides.map((side) => `  ${side}: ${inWords(points, axis, side)}`),
  ]);
  return chart({ data, layout }, [title, ...words].join("\n"));
}

function line(
  points: readonly CostPoint[],
  axis: CostAxis,
  side: CostSide,
  quantity: Quantity,
): Trace {
  const { color, symbol } = sideStyles[side];
  const medians = costMedians(points, axis, side);
  const range = (value: number) => {
    const own = points.filter((p) => p.axis === axis && p.side === side && p.value === value);
    return [Math.min(...own.map(quantity.of)), Math.max(...own.map(quantity.of))] as const;
  };
  const y = medians.map(quantity.of);
  return {
    type: "scatter",
    mode: "lines+markers",
    name: side,
    legendgroup: side,
    line: { color, width: 2 },
    marker: { color, symbol, size: 7 },
    x: medians.map(({ value }) => value),
    y,
    error_y: {
      type: "data",
      symmetric: false,
      array: medians.map(({ value }, at) => range(value)[1] - y[at]!),
      arrayminus: medians.map(({ value }, at) => y[at]! - range(value)[0]),
      color,
      thickness: 1,
      width: 3,
    },
    hovertemplate: medians.map(
      ({ value }, at) =>
        `<b>${side}</b><br>${axisTitles[axis]} ${axisFormat(axis)(value)}: ${quantity.format(y[at]!)}<extra></extra>`,
    ),
  };
}

/** Ticks where points are, named below the lowest panel. */
function horizontal(
  points: readonly CostPoint[],
  axis: CostAxis,
  named: boolean,
): Partial<LayoutAxis> {
  const own = points.filter((point) => point.axis === axis).map(({ value }) => value);
  const places = [...new Set(own)].sort((a, b) => a - b);
  const range = roomy(places).map(Math.log10) as [number, number];
  const labelled = apart(places, (range[1] - range[0]) / 7);
  return {
    title: { text: named ? axisTitles[axis] : "", standoff: 8 },
    type: "log",
    range,
    tickmode: "array",
    tickvals: labelled,
    ticktext: labelled.map(axisFormat(axis)),
    tickangle: 0,
  };
}

/** Those of ascending values whose logarithms lie so far apart at least, the last one among them. */
function apart(values: readonly number[], least: number): number[] {
  const kept: number[] = [];
  for (const value of [...values].reverse())
    if (kept.length === 0 || Math.log10(kept[0]! / value) >= least) kept.unshift(value);
  return kept;
}

function inWords(points: readonly CostPoint[], axis: CostAxis, side: CostSide): string {
  return costMedians(points, axis, side)
    .map(
      ({ value, milliseconds, peakMiB }) =>
        `${axisFormat(axis)(value)}: ${(milliseconds / 1000).toPrecision(3)} s, ${grouped(peakMiB)} MiB`,
    )
    .join("; ");
}
