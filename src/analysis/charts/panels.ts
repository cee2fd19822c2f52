import type { Annotations, Layout, LayoutAxis, Legend, Margin, PlotData } from "plotly.js";
import { fontFamily, textWidth } from "../../kernel/values/charts/font";
import { escapeMarkup, wrap } from "../text";
import { colors } from "../theme";

/** A grid of panels with a title, one legend on top and, where there is something to say, a note below. */
export interface PanelGrid {
  readonly title: string;
  readonly subtitle: string;
  /** `note` stands beside the title. */
  readonly columns: readonly { readonly title: string; readonly note?: string }[];
  /** From the top; heights in pixels. */
  readonly rows: readonly {
    readonly height: number;
    axes(column: number): { readonly x: Partial<LayoutAxis>; readonly y: Partial<LayoutAxis> };
  }[];
  /** Names of the traces that the legend lists. */
  readonly legend: readonly string[];
  readonly note?: string;
  /** Pixels left of the first column and between columns; default: room for an axis title and tick labels. */
  readonly left?: number;
  readonly between?: number;
}

const width = 900;
const edge = 14;
const size = { title: 17, subtitle: 13, panel: 13, text: 12 };
const lineHeight = 1.3;
/** Marker and gaps of a legend entry beside its text, as plotly sets them. */
const legendSymbol = 45;

/** The panel's axes by plotly's names for them. */
export function panelAxes(
  row: number,
  column: number,
  columns: number,
): { xaxis: PlotData["xaxis"]; yaxis: PlotData["yaxis"] } {
  const index = row * columns + column + 1;
  const suffix = index === 1 ? "" : String(index);
  return { xaxis: `x${suffix}` as PlotData["xaxis"], yaxis: `y${suffix}` as PlotData["yaxis"] };
}

/** Works every place out in pixels from the font, so that nothing overlaps or is cut off. */
export function panels(grid: PanelGrid): Partial<Layout> {
  const { columns, rows, left = 66, between = 76 } = grid;
  const room = width - 2 * edge;
  const subtitle = wrap(grid.subtitle, room, size.subtitle);
  const note = wrap(grid.note ?? "", room, size.text);
  const plotWidth = width - left - edge;
  const legendRows = rowsOf(grid.legend, plotWidth);

  const legendTop =
    edge + size.title * lineHeight + subtitle.length * size.subtitle * lineHeight + 12;
  const top = legendTop + legendRows * 19 + 8 + size.panel * lineHeight + 10;
  const betweenRows = 34;
  const plotHeight = rows.reduce(
    (sum, { height }) => sum + height,
    betweenRows * (rows.length - 1),
  );
  const bottom = 54 + note.length * size.text * lineHeight;
  const height = Math.ceil(top + plotHeight + bottom);
  const panelWidth = (plotWidth - between * (columns.length - 1)) / columns.length;

  const axes: Record<string, Partial<LayoutAxis>> = {};
  const annotations: Partial<Annotations>[] = [];
  const annotate = (annotation: Partial<Annotations>) =>
    annotations.push({
      xref: "paper",
      yref: "paper",
      xanchor: "left",
      align: "left",
      showarrow: false,
      borderpad: 0,
      ...annotation,
    });
  columns.forEach((column, c) => {
    const start = c * (panelWidth + between);
    let above = 0;
    rows.forEach((row, r) => {
      const { xaxis, yaxis } = panelAxes(r, c, columns.length);
      const { x, y } = row.axes(c);
      axes[xaxis.replace("x", "xaxis")] = {
        ...axis(x),
        domain: [start / plotWidth, (start + panelWidth) / plotWidth],
        anchor: yaxis as LayoutAxis["anchor"],
      };
      axes[yaxis.replace("y", "yaxis")] = {
        ...axis(y),
        domain: [1 - (above + row.height) / plotHeight, 1 - above / plotHeight],
        anchor: xaxis as LayoutAxis["anchor"],
      };
      above += row.height + betweenRows;
    });
    const aside = column.note
      ? `   <span style="color:${colors.quiet}">${escapeMarkup(column.note)}</span>`
      : "";
    annotate({
      text: `<b>${escapeMarkup(column.title)}</b>${aside}`,
      font: { size: size.panel, color: colors.text },
      x: start / plotWidth,
      y: 1,
      yanchor: "bottom",
      yshift: 6,
    });
  });
  if (note.length > 0) {
    annotate({
      text: note.map(escapeMarkup).join("<br>"),
      font: { size: size.text, color: colors.quiet },
      x: 0,
      xshift: edge - left,
      y: 0,
      yanchor: "top",
      yshift: -48,
    });
  }

  return {
    width,
    height,
    margin: { l: left, r: edge, t: top, b: bottom, pad: 0, autoexpand: false } as Partial<Margin>,
    font: { family: fontFamily, size: size.text, color: colors.text },
    paper_bgcolor: "#ffffff",
    plot_bgcolor: "#ffffff",
    hovermode: "closest",
    title: {
      text: `<b>${escapeMarkup(grid.title)}</b>`,
      font: { size: size.title },
      subtitle: {
        text: subtitle.map(escapeMarkup).join("<br>"),
        font: { size: size.subtitle, color: colors.quiet },
      },
      xref: "container",
      yref: "container",
      x: edge / width,
      xanchor: "left",
      y: 1 - edge / height,
      yanchor: "top",
    },
    legend: {
      orientation: "h",
      xref: "container",
      yref: "container",
      x: edge / width,
      xanchor: "left",
      y: 1 - legendTop / height,
      yanchor: "top",
      tracegroupgap: 0,
      font: { size: size.text },
    } as Partial<Legend>,
    ...axes,
    annotations,
  };
}

/** Rows of a legend that is no wider than the panels are together, as plotly fills them. */
function rowsOf(names: readonly string[], room: number): number {
  let [rows, taken] = [1, 0];
  for (const name of names) {
    const entry = textWidth(name, size.text) + legendSymbol;
    if (taken > 0 && taken + entry > room) [rows, taken] = [rows + 1, 0];
    taken += entry;
  }
  return rows;
}

function axis({ title, ...own }: Partial<LayoutAxis>): Partial<LayoutAxis> {
  return {
    title: { font: { size: size.text }, ...title },
    showline: true,
    linecolor: colors.axis,
    linewidth: 1,
    ticks: "outside",
    ticklen: 4,
    tickcolor: colors.axis,
    gridcolor: colors.grid,
    zeroline: false,
    nticks: 6,
    ...own,
  };
}
