import { extname } from "node:path";
import { checkBody, checkWidth, columnsOf, parseCsv, parseTsv } from "./delimited";
import { DataError, excerpt } from "./errors";
import { readText } from "./text";

/** A file of rows with named cells. */
export interface Table {
  /** Column names; positions from 0 where the file has no header. */
  readonly columns: readonly string[];
  readonly rows: readonly { readonly line: number; cell(column: string): string | undefined }[];
}

/**
 * Reads TSV (unquoted, as GLUE's), CSV (RFC 4180) or JSONL by the file's ending. `isHeader` says whether a first
 * record is one; every other record must be as wide.
 */
export async function readTable(
  file: string,
  isHeader: (cells: readonly string[]) => boolean,
): Promise<Table> {
  const text = await readText(file);
  if (text.trim() === "") throw new DataError(file, undefined, "the file is empty");
  if (/\.(jsonl|ndjson)$/i.test(file)) return jsonLines(text, file);
  const records = extname(file).toLowerCase() === ".csv" ? parseCsv(text, file) : parseTsv(text);
  const first = records[0]!;
  if (isHeader(first.cells)) {
    const columns = columnsOf(first, file);
    const body = records.slice(1);
    checkBody(body, first, file);
    return {
      columns: [...columns.keys()],
      rows: body.map(({ line, cells }) => ({
        line,
        cell: (column) => cells[columns.get(column) ?? -1],
      })),
    };
  }
  return {
    columns: first.cells.map((_, index) => String(index)),
    rows: records.map(({ line, cells }) => {
      checkWidth(cells, first.cells.length, file, line);
      return { line, cell: (column) => cells[Number(column)] };
    }),
  };
}

/** One JSON object a line; numbers and truth values count as their text. */
function jsonLines(text: string, file: string): Table {
  const columns = new Set<string>();
  const rows = text.split("\n").flatMap((source, index) => {
    if (source.trim() === "") return [];
    const line = index + 1;
    const value = jsonObject(source, file, line);
    for (const column of Object.keys(value)) columns.add(column);
    return [{ line, cell: (column: string) => cellText(value[column], column, file, line) }];
  });
  return { columns: [...columns], rows };
}

function jsonObject(source: string, file: string, line: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (cause) {
    throw new DataError(file, line, `no JSON (${(cause as Error).message})`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new DataError(file, line, `${excerpt(source)} is no JSON object`);
  return value as Record<string, unknown>;
}

/** What a value reads as in a file of text. */
export function cellText(
  value: unknown,
  column: string,
  file: string,
  line: number,
): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "object")
    throw new DataError(
      file,
      line,
      `${column} holds ${excerpt(JSON.stringify(value))}, expected text or a number`,
    );
  return String(value);
}
