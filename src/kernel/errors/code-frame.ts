import { oneLine } from "../values/text";

/** A place in a text. */
export interface CodePlace {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units, as V8 and TypeScript count. */
  readonly column: number;
  /** Characters to underline on that line; default 1. */
  readonly length?: number;
}

/** Characters of a source line that are shown; a longer one is shown around the column. */
const width = 120;

/** Lines shown before and after the one that is meant. */
const around = 2;

/** The lines around a place, numbered, with a caret below it; no lines where the text has no such line. */
export function codeFrame(source: string, place: CodePlace): string[] {
  const lines = linesAround(source, place.line);
  const gutter = String(lines.at(-1)?.number ?? 0).length;
  const meant = lines.find(({ number }) => number === place.line);
  if (meant === undefined) return [];
  const column = Math.min(Math.max(place.column, 1), meant.text.length + 1);
  const from = column <= width - 20 ? 0 : column - Math.floor(width / 2);
  return lines.flatMap(({ number, text }) => {
    const label = String(number).padStart(gutter);
    const code = visible(text.slice(from, from + width));
    if (number !== place.line) return [dim(`  ${label} |${code && ` ${code}`}`)];
    // Tabs stay, so that the caret stands where the frontend puts the column.
    const before = visible(text.slice(from, column - 1)).replace(/[^\t]/g, " ");
    const room = Math.max(1, Math.min(text.length, from + width) - column + 1);
    const carets = "^".repeat(Math.max(1, Math.min(place.length ?? 1, room)));
    return [
      `${red(">")} ${label} ${dim("|")} ${code}`.trimEnd(),
      `  ${" ".repeat(gutter)} ${dim("|")} ${before}${red(carets)}`,
    ];
  });
}

/** The lines around one, without splitting all of a long text. */
function linesAround(source: string, meant: number): { number: number; text: string }[] {
  const lines: { number: number; text: string }[] = [];
  let start = 0;
  for (let number = 1; number <= meant + around; number++) {
    const end = source.indexOf("\n", start);
    const text = source.slice(start, end < 0 ? source.length : end).replace(/\r$/, "");
    if (number >= meant - around) lines.push({ number, text });
    if (end < 0) break;
    start = end + 1;
  }
  // The empty line that a closing line break makes is none.
  if (lines.at(-1)?.text === "" && lines.at(-1)!.number > meant) lines.pop();
  return lines;
}

/** One character a character, none of which the terminal or notebook obeys; tabs stay. */
function visible(text: string): string {
  return [...text.split("\t")]
    .map((part) => oneLine(part.replace(/\p{Cc}/gu, "\ufffd"), width))
    .join("\t");
}

export function red(text: string): string {
  return `\x1b[31m${text}\x1b[39m`;
}

export function bold(text: string): string {
  return `\x1b[1m${text}\x1b[22m`;
}

export function dim(text: string): string {
  return `\x1b[90m${text}\x1b[39m`;
}

export function cyan(text: string): string {
  return `\x1b[36m${text}\x1b[39m`;
}
