import { display } from "../experiments/types";
import { type Figure, png, svg } from "./picture";

/** A chart: plotly's data and layout, which show themselves as a picture wherever a cell's value is shown. */
export interface Chart extends Figure {
  /** Title and figures in words, for a terminal or a screen reader. */
  readonly text: string;
  /** A picture that needs nothing else (SVG, PNG), the words, and the chart for a viewer that has plotly. */
  [display](): Promise<ChartBundle>;
}

export interface ChartBundle {
  readonly "image/svg+xml": string;
  /** Base64. */
  readonly "image/png": string;
  readonly "text/plain": string;
  readonly "application/vnd.plotly.v1+json": Figure;
}

export function chart(figure: Figure, text: string): Chart {
  return {
    ...figure,
    text,
    async [display]() {
      const picture = await svg(figure);
      return {
        "image/svg+xml": picture,
        "image/png": (await png(picture)).toString("base64"),
        "text/plain": text,
        "application/vnd.plotly.v1+json": figure,
      };
    },
  };
}
