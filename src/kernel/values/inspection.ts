import { type InspectOptions, inspect } from "node:util";
import { withinTime } from "./guard";
import { cut, escapeHtml, missing, plainText, textLimit, uncoloured } from "./text";

/** A value written out. */
export interface Inspection {
  /** As `console.log` prints it, without colours. */
  readonly text: string;
  /** The same in colours; undefined for primitives. */
  readonly html: string | undefined;
}

/** Tried in turn: the last ones ask nothing of the value but what the engine knows of it. */
const attempts: readonly (readonly [options: InspectOptions, milliseconds: number])[] = [
  [{}, 5_000],
  [{ customInspect: false, showProxy: true, depth: 2 }, 2_000],
  [{ customInspect: false, showProxy: true, depth: 0, maxArrayLength: 10 }, 1_000],
];

/** Any value written out; throws never and ends always, whatever its getters, Proxies and own `inspect` do. */
export function inspected(value: unknown): Inspection {
  if (typeof value === "string") return { text: plainText(value), html: undefined };
  const coloured = written(value);
  const primitive = value === null || (typeof value !== "object" && typeof value !== "function");
  return { text: plainText(coloured), html: primitive ? undefined : htmlOf(coloured) };
}

/** A value on one line, for a table's cell or the value of a `throw`. */
export function textOf(value: unknown): string {
  return inspected(value).text;
}

function written(value: unknown): string {
  let reason: unknown;
  for (const [options, milliseconds] of attempts) {
    try {
      return withinTime(() => inspect(value, { ...options, colors: true }), milliseconds);
    } catch (error) {
      reason = error;
    }
  }
  return `[${typeof value} that cannot be shown: ${reasonOf(reason)}]`;
}

function reasonOf(error: unknown): string {
  try {
    return withinTime(() => cut(String((error as Error).message), 200), 1_000);
  } catch {
    return "it throws";
  }
}

/** What colours stand for in `inspect`, as JupyterLab's themes show it in code, with a colour fit for light and dark. */
const colours: Readonly<Record<string, string>> = {
  31: "var(--jp-mirror-editor-string-2-color,#c4572e)", // regular expressions
  32: "var(--jp-mirror-editor-string-color,#3d8b40)", // strings, symbols
  33: "var(--jp-mirror-editor-number-color,#b07d00)", // numbers, booleans
  34: "var(--jp-mirror-editor-def-color,#4078c8)",
  35: "var(--jp-mirror-editor-operator-color,#a45bb5)", // dates
  36: "var(--jp-mirror-editor-property-color,#2f7fb8)", // functions, marks such as [Circular *1]
  90: "var(--jp-content-font-color3,#8a8a8a)", // undefined
};

const preformatted =
  "margin:0;white-space:pre-wrap;overflow-wrap:anywhere;" +
  "font-family:var(--jp-code-font-family,monospace);font-size:var(--jp-code-font-size,13px);" +
  "line-height:var(--jp-code-line-height,1.3)";

/** HTML of text with a terminal's colours, cut where it is long. */
export function htmlOf(coloured: string): string {
  // Far more than is shown, codes included.
  const parts = coloured.slice(0, 20 * textLimit).split("\x1b[");
  let room = textLimit;
  let style: Style = {};
  let html = "";
  for (const [index, part] of parts.entries()) {
    const sequence = index === 0 ? null : /^([\d;]*)([@-~])/.exec(part);
    if (sequence?.[2] === "m") style = styled(style, sequence[1]!);
    const text = uncoloured(part.slice(sequence?.[0].length ?? 0));
    const shown = text.slice(0, room);
    room -= shown.length;
    html += spanned(shown, style);
  }
  const left = uncoloured(coloured).length - (textLimit - room);
  if (left > 0) html += `<span style="opacity:.7">${missing(left)}</span>`;
  return `<pre style="${preformatted}">${html}</pre>`;
}

interface Style {
  readonly colour?: string | undefined;
  readonly bold?: boolean;
  readonly underlined?: boolean;
}

function styled(style: Style, codes: string): Style {
  let current = style;
  for (const code of codes.split(";")) {
    if (code === "" || code === "0") current = {};
    else if (code === "1" || code === "22") current = { ...current, bold: code === "1" };
    else if (code === "4" || code === "24") current = { ...current, underlined: code === "4" };
    else if (code === "39") current = { ...current, colour: undefined };
    else if (colours[code] !== undefined) current = { ...current, colour: colours[code] };
  }
  return current;
}

function spanned(text: string, { colour, bold, underlined }: Style): string {
  if (text === "") return "";
  const style = [
    ...(colour ? [`color:${colour}`] : []),
    ...(bold ? ["font-weight:bold"] : []),
    ...(underlined ? ["text-decoration:underline"] : []),
  ].join(";");
  const escaped = escapeHtml(text);
  return style === "" ? escaped : `<span style="${style}">${escaped}</span>`;
}
