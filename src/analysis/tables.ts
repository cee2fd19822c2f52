import type { DataFrame } from "danfojs-node";
import { display } from "../experiments/types";

export type Cell = string | number | boolean | null | undefined;

export interface TableOptions {
  readonly caption?: string;
  /** Columns to show, in order, with their headings; default: all, under their own names. */
  readonly columns?: Readonly<Record<string, string>>;
  /** How a column's cells are written; default: numbers to six significant digits, nothing as `–`. */
  readonly formats?: Readonly<Record<string, (cell: Cell) => string>>;
  /** Whether the columns' types stand below their headings; default: when `columns` is not given. */
  readonly types?: boolean;
  /** Rows shown at most; default 100. */
  readonly rows?: number;
}

/** A frame ready to be looked at, in a notebook or a terminal. */
export interface Table {
  readonly html: string;
  readonly text: string;
  [display](): { readonly "text/html": string; readonly "text/plain": string };
}

interface Column {
  readonly title: string;
  readonly type: string;
  readonly right: boolean;
  readonly cells: readonly string[];
}

/** A danfo frame as a table; numbers on the right. */
export function table(frame: DataFrame, options: TableOptions = {}): Table {
  const limit = options.rows ?? 100;
  const columns = columnsOf(frame, options, limit);
  const left = frame.shape[0]! - limit;
  const more = left > 0 ? `${left} more ${left === 1 ? "row" : "rows"}` : undefined;
  const types = options.types ?? options.columns === undefined;
  const html = toHtml(columns, types, options.caption, more);
  const text = toText(columns, types, options.caption, more);
  return { html, text, [display]: () => ({ "text/html": html, "text/plain": text }) };
}

function columnsOf(frame: DataFrame, options: TableOptions, limit: number): Column[] {
  const rows = (frame.values as Cell[][]).slice(0, limit);
  const titles =
    options.columns ?? Object.fromEntries(frame.columns.map((name) => [name, name] as const));
  return Object.entries(titles).map(([name, title]) => {
    const index = frame.columns.indexOf(name);
    if (index < 0) {
      throw new Error(`The frame has no column "${name}"; it has ${frame.columns.join(", ")}.`);
    }
    const cells = rows.map((row) => row[index]);
    const format = options.formats?.[name] ?? plain;
    return {
      title,
      type: frame.dtypes[index]!,
      right: /^(int|float)/.test(frame.dtypes[index]!),
      cells: cells.map(format),
    };
  });
}

function plain(cell: Cell): string {
  if (cell === null || cell === undefined || Number.isNaN(cell)) return "–";
  if (typeof cell !== "number" || Number.isInteger(cell)) return String(cell);
  return String(Number(cell.toPrecision(6)));
}

function toHtml(
  columns: readonly Column[],
  types: boolean,
  caption?: string,
  more?: string,
): string {
  const align = ({ right }: Column) => `text-align:${right ? "right" : "left"}`;
  const row = (cells: readonly string[]) => `<tr>${cells.join("")}</tr>`;
  const head = columns.map((column) => {
    const type = types
      ? `<br><small style="font-weight:normal;opacity:0.7">${escapeHtml(column.type)}</small>`
      : "";
    return `<th scope="col" style="${align(column)}">${escapeHtml(column.title)}${type}</th>`;
  });
  const body = (columns[0]?.cells ?? []).map((_, index) =>
    row(
      columns.map(
        (column) => `<td style="${align(column)}">${escapeHtml(column.cells[index]!)}</td>`,
      ),
    ),
  );
  if (more) body.push(row([`<td colspan="${columns.length}">… ${more}</td>`]));
  return [
    "<table>",
    ...(caption
      ? [`<caption style="text-align:left;caption-side:top">${escapeHtml(caption)}</caption>`]
      : []),
    `<thead>${row(head)}</thead>`,
    "<tbody>",
    ...body,
    "</tbody>",
    "</table>",
  ].join("\n");
}

function toText(
  columns: readonly Column[],
  types: boolean,
  caption?: string,
  more?: string,
): string {
  const written = columns.map((column) => {
    const lines = [column.title, ...(types ? [column.type] : []), ...column.cells];
    const width = Math.max(...lines.map((line) => line.length));
    const padded = lines.map((line) => (column.right ? line.padStart(width) : line.padEnd(width)));
    padded.splice(types ? 2 : 1, 0, "-".repeat(width));
    return padded;
  });
  const rows = (written[0] ?? []).map((_, index) =>
    written
      .map((lines) => lines[index])
      .join("  ")
      .trimEnd(),
  );
  return [...(caption ? [caption] : []), ...rows, ...(more ? [`… ${more}`] : [])].join("\n");
}

function escapeHtml(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;");
}
