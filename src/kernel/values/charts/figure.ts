import { counted, oneLine } from "../text";

/** The MIME type of a figure, as JupyterLab's and VS Code's viewers of plotly know it. */
export const figureType = "application/vnd.plotly.v1+json";

/** What plotly draws: the same object in a browser and here. */
export interface Figure {
  /** The traces. */
  readonly data: readonly object[];
  /** In pixels: `width`, default 700, and `height`, default 450. */
  readonly layout: {
    readonly width?: number | undefined;
    readonly height?: number | undefined;
    readonly title?: unknown;
  };
}

/** Whether an object is a figure: a list of traces and a layout. */
export function isFigure(value: unknown): value is Figure {
  if (!isPlain(value)) return false;
  const { data, layout } = value;
  return isPlain(layout) && Array.isArray(data) && data.every(isTrace);
}

function isTrace(value: unknown): boolean {
  return isPlain(value) && (value.type === undefined || typeof value.type === "string");
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value)
  );
}

/** What of a figure is kept, as JSON: traces, layout, and where given its settings and animation. */
export function figureJson(value: Figure): string {
  const { data, layout, config, frames } = value as Figure & { config?: unknown; frames?: unknown };
  return JSON.stringify({ data, layout, config, frames }, (_, part: unknown) =>
    ArrayBuffer.isView(part) && !(part instanceof DataView)
      ? Array.from(part as unknown as ArrayLike<unknown>)
      : part,
  );
}

/** A figure's size on the page, in pixels. */
export function sizeOf({ layout }: Figure): { readonly width: number; readonly height: number } {
  const whole = (value: unknown, otherwise: number) =>
    typeof value === "number" && value >= 10 && value <= 10_000 ? Math.round(value) : otherwise;
  return { width: whole(layout.width, 700), height: whole(layout.height, 450) };
}

/** Traces that are named at most. */
const named = 20;

/** A figure in words: its title and its traces. */
export function figureText({ data, layout }: Figure): string {
  const { title } = layout;
  const text = isPlain(title) ? title.text : title;
  const lines = data.slice(0, named).map((trace) => {
    const { type = "scatter", name, x, y, z } = trace as Readonly<Record<string, unknown>>;
    const values = [x, y, z].map((list) => (list as ArrayLike<unknown> | undefined)?.length ?? 0);
    const count = Math.max(...values);
    return [
      `  ${oneLine(String(type), 40)}`,
      ...(name === undefined ? [] : [` ${oneLine(unmarked(String(name)), 100)}`]),
      ...(count > 0 ? [`, ${counted(count, "value")}`] : []),
    ].join("");
  });
  const more = data.length - named;
  return [
    typeof text === "string" && text !== "" ? `Chart: ${oneLine(unmarked(text), 200)}` : "Chart",
    ...lines,
    ...(more > 0 ? [`  … ${counted(more, "more trace")}`] : []),
  ].join("\n");
}

/** Text without plotly's markup. */
function unmarked(text: string): string {
  return text.replace(/<br\s*\/?>/gi, " ").replace(/<\/?[a-z][^>]*>/gi, "");
}
