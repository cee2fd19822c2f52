import type { PlotData } from "plotly.js";
import { isDiverged, type RunGroup } from "../groups";
import { colors, methodStyle, taskTitle } from "../theme";

export type Trace = Partial<PlotData>;

const dashes = ["solid", "dot", "dash", "dashdot"] as const;
const symbolKinds = ["", "-open", "-open-dot", "-dot"] as const;

/** What every trace of a group shares: its method's colour and mark, and one legend entry for all panels. */
export function groupStyle(group: RunGroup): Trace {
  const { color, symbol } = methodStyle(group.method);
  const kind = group.variant % dashes.length;
  return {
    type: "scatter",
    name: group.label,
    legendgroup: group.label,
    showlegend: false,
    line: { color, width: 2, dash: dashes[kind] },
    marker: { color, symbol: `${symbol}${symbolKinds[kind]}`, size: 10 },
  };
}

/** A dashed line at the task's floor, over the whole panel. */
export function floorLine(range: readonly [number, number], floor: number, panel: Trace): Trace {
  return {
    ...panel,
    type: "scatter",
    mode: "lines",
    name: "Floor",
    legendgroup: "Floor",
    legendrank: 2000,
    showlegend: false,
    x: [...range],
    y: [floor, floor],
    line: { color: colors.floor, width: 1.5, dash: "dash" },
    hovertemplate: "floor %{y:.1f}<extra></extra>",
  };
}

/** Lists each name once in the legend, in the order of first appearance, as its last trace looks. */
export function listOnce(traces: readonly Trace[]): Trace[] {
  const names = traces.map(({ legendgroup }) => legendgroup);
  return traces.map((trace, index) => {
    const name = names[index];
    const first = names.indexOf(name);
    const showlegend = name !== undefined && names.lastIndexOf(name) === index;
    return { ...trace, showlegend, legendrank: trace.legendrank ?? 1000 + first };
  });
}

/** Names in the legend, in its order. */
export function legendOf(traces: readonly Trace[]): string[] {
  return traces
    .filter(({ showlegend }) => showlegend)
    .sort((a, b) => a.legendrank! - b.legendrank!)
    .map(({ name }) => String(name));
}

/** Says which runs diverged, since they have no score to show; `undefined` where none did. */
export function divergedNote(groups: readonly RunGroup[]): string | undefined {
  const diverged = groups.flatMap(({ label, records }) =>
    records
      .filter(isDiverged)
      .map(({ task, seed }) => `${label} on ${taskTitle(task)}, seed ${seed}`),
  );
  if (diverged.length === 0) return undefined;
  return `Diverged, and so without a score: ${diverged.join("; ")}.`;
}
