import { textOf } from "./inspection";
import { counted, ends, escapeHtml, oneLine } from "./text";

/** What of a danfo DataFrame or Series is looked at. */
interface Frame {
  readonly $isSeries: boolean;
  readonly shape: readonly number[];
  readonly columns: readonly unknown[];
  readonly dtypes: readonly unknown[];
  readonly index: readonly unknown[];
  readonly values: readonly unknown[];
}

/** What is shown of a frame at most: rows and columns, half of them from its end, and characters of a cell. */
interface Limits {
  readonly rows: number;
  readonly columns: number;
  readonly cell: number;
}

const inHtml: Limits = { rows: 200, columns: 40, cell: 300 };
const inText: Limits = { rows: 20, columns: 10, cell: 32 };

interface Cell {
  readonly text: string;
  /** Nothing stands there: `null`, `undefined` or `NaN`. */
  readonly missing?: boolean;
}

interface Column {
  readonly title: string;
  readonly type: string;
  readonly right: boolean;
  readonly cells: readonly Cell[];
}

/** A DataFrame or Series of danfo as a table, in HTML and in text; undefined for any other value. */
export function tableForms(value: object): Readonly<Record<string, string>> | undefined {
  if (!isFrame(value)) return undefined;
  return { "text/html": toHtml(value), "text/plain": toText(value) };
}

function isFrame(value: object): value is Frame {
  const frame = value as Partial<Frame>;
  return (
    typeof frame.$isSeries === "boolean" &&
    Array.isArray(frame.columns) &&
    Array.isArray(frame.dtypes) &&
    Array.isArray(frame.index) &&
    Array.isArray(frame.values)
  );
}

const gap: Cell = { text: "…" };

/** The columns to show, the index before them. */
function columnsOf(frame: Frame, limits: Limits): Column[] {
  const { values, columns, dtypes, index } = frame;
  const rows = ends(values.length, limits.rows);
  const labels: Column = {
    title: "",
    type: "",
    right: index.every((label) => typeof label === "number"),
    cells: rows.map((row) => (row === undefined ? gap : cellOf(index[row], limits.cell))),
  };
  const shown = ends(columns.length, limits.columns).map((column): Column => {
    if (column === undefined) {
      return { title: "…", type: "", right: false, cells: rows.map(() => gap) };
    }
    const type = oneLine(String(dtypes[column]), limits.cell);
    return {
      title: oneLine(String(columns[column]), limits.cell),
      type,
      right: /^(u?int|float|number|bigint)/.test(type),
      cells: rows.map((at) => {
        if (at === undefined) return gap;
        const row = values[at];
        return cellOf(frame.$isSeries ? row : (row as unknown[])[column], limits.cell);
      }),
    };
  });
  return [labels, ...shown];
}

function cellOf(value: unknown, limit: number): Cell {
  if (value === null || value === undefined || Number.isNaN(value)) {
    return { text: String(value), missing: true };
  }
  if (typeof value === "number" && !Number.isInteger(value)) {
    return { text: String(Number(value.toPrecision(6))) };
  }
  const isPrimitive = typeof value !== "object" && typeof value !== "function";
  return { text: oneLine(isPrimitive ? String(value) : textOf(value), limit) };
}

function size(frame: Frame, limits: Limits): string {
  const rows = frame.values.length;
  const columns = frame.columns.length;
  const count = `${counted(rows, "row")}${frame.$isSeries ? "" : ` × ${counted(columns, "column")}`}`;
  const cuts = [
    ...(rows > limits.rows ? [`${limits.rows} rows`] : []),
    ...(columns > limits.columns ? [`${limits.columns} columns`] : []),
  ];
  return cuts.length === 0 ? count : `${count}; shown are ${cuts.join(" and ")}, from both ends`;
}

function toHtml(frame: Frame): string {
  const [index, ...columns] = columnsOf(frame, inHtml) as [Column, ...Column[]];
  const align = ({ right }: Column) => `text-align:${right ? "right" : "left"}`;
  const faint = "font-weight:normal;opacity:.65";
  const type = (column: Column) =>
    column.type === "" ? "" : `<br><small style="${faint}">${escapeHtml(column.type)}</small>`;
  const head = columns.map(
    (column) =>
      `<th scope="col" style="${align(column)}">${escapeHtml(column.title)}${type(column)}</th>`,
  );
  const body = index.cells.map((label, row) => {
    const cells = columns.map((column) => {
      const { text, missing } = column.cells[row]!;
      return `<td style="${align(column)}${missing ? ";opacity:.5" : ""}">${escapeHtml(text)}</td>`;
    });
    return `<tr><th scope="row" style="${align(index)};${faint}">${escapeHtml(label.text)}</th>${cells.join("")}</tr>`;
  });
  return [
    '<div style="overflow-x:auto">',
    '<table cellpadding="5" style="font-variant-numeric:tabular-nums;border-collapse:collapse">',
    `<thead><tr><th></th>${head.join("")}</tr></thead>`,
    `<tbody>${body.join("\n")}</tbody>`,
    "</table>",
    `<small style="color:var(--jp-content-font-color2,inherit)">${size(frame, inHtml)}</small>`,
    "</div>",
  ].join("\n");
}

function toText(frame: Frame): string {
  const written = columnsOf(frame, inText).map((column) => {
    const lines = [column.title, column.type, ...column.cells.map(({ text }) => text)];
    const width = Math.max(...lines.map((line) => line.length));
    const padded = lines.map((line) => (column.right ? line.padStart(width) : line.padEnd(width)));
    return [...padded.slice(0, 2), "-".repeat(width), ...padded.slice(2)];
  });
  const rows = written[0]!.map((_, row) =>
    written
      .map((lines) => lines[row])
      .join("  ")
      .trimEnd(),
  );
  return [...rows, size(frame, inText)].join("\n");
}
