import type { Data, Layout } from "plotly.js";
import { display } from "../experiments/types";

/** What plotly draws, typed. */
export interface Figure {
  readonly data: readonly Partial<Data>[];
  /** With `width` and `height`, in pixels. */
  readonly layout: Partial<Layout>;
}

/** A chart: plotly's data and layout with words to it. The kernel draws it wherever a cell's value is shown. */
export interface Chart extends Figure {
  /** Title and figures in words, for a terminal or a screen reader. */
  readonly text: string;
  [display](): ChartBundle;
}

export interface ChartBundle {
  readonly "text/plain": string;
  readonly "application/vnd.plotly.v1+json": Figure;
}

export function chart(figure: Figure, text: string): Chart {
  return {
    ...figure,
    text,
    [display]: () => ({ "text/plain": text, "application/vnd.plotly.v1+json": figure }),
  };
}
