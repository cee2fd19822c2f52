import { DataError } from "./errors";
import { splitLines } from "./text";

/** One record of a file and the line it starts on, from 1. */
export interface Line {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Tab-separated as GLUE writes it: no quoting, a quotation mark is text. */
export function parseTsv(text: string): Line[] {
  return splitLines(text).map((line, index) => ({ line: index + 1, cells: line.split("\t") }));
}

/** Comma-separated with quotes as in RFC 4180; a quoted field may hold commas, doubled quotes and line ends. */
export function parseCsv(text: string, file: string): Line[] {
  const records: Line[] = [];
  let cells: string[] = [];
  let line = 1;
  let start = 1;
  let at = 0;

  const quoted = () => {
    let field = "";
    for (at++; ; at++) {
      if (at >= text.length) throw new DataError(file, start, "a quoted field that does not end");
      if (text[at] === '"') {
        if (text[at + 1] !== '"') break;
        at++;
      } else if (text[at] === "\n") line++;
      field += text[at];
    }
    at++;
    if (at < text.length && !/[,\r\n]/.test(text[at]!))
      throw new DataError(
        file,
        line,
        "text after a closing quote; a quote within a field is doubled",
      );
    return field;
  };
  const bare = () => {
    const from = at;
    while (at < text.length && !/[,\r\n]/.test(text[at]!)) {
      if (text[at] === '"')
        throw new DataError(file, line, "a quote inside an unquoted field; quote the whole field");
      at++;
    }
    return text.slice(from, at);
  };

  while (at < text.length) {
    cells.push(text[at] === '"' ? quoted() : bare());
    if (text[at] === ",") {
      at++;
      if (at < text.length) continue;
      cells.push("");
    }
    if (text[at] === "\r") at++;
    if (at < text.length && text[at] !== "\n")
      throw new DataError(file, line, "a carriage return without a line feed");
    at++;
    records.push({ line: start, cells });
    cells = [];
    start = ++line;
  }
  return records;
}

/** The header's columns by name; a name that stands twice is an error. */
export function columnsOf(header: Line, file: string): Map<string, number> {
  const columns = new Map<string, number>();
  header.cells.forEach((name, index) => {
    if (columns.has(name))
      throw new DataError(
        file,
        header.line,
        `the header has the column ${JSON.stringify(name)} twice`,
      );
    columns.set(name, index);
  });
  return columns;
}

/** Every record as wide as the header, and none the header again (files joined together). */
export function checkBody(records: readonly Line[], header: Line, file: string): void {
  const repeated = header.cells.join("\t");
  for (const { line, cells } of records) {
    checkWidth(cells, header.cells.length, file, line);
    if (cells.join("\t") === repeated)
      throw new DataError(file, line, "the header stands here again");
  }
}

export function checkWidth(
  cells: readonly string[],
  expected: number,
  file: string,
  line: number,
): void {
  if (cells.length !== expected)
    throw new DataError(
      file,
      line,
      `${cells.length} column${cells.length === 1 ? "" : "s"}, expected ${expected}`,
    );
}
