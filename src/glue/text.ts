import { readFile } from "node:fs/promises";
import { DataError } from "./errors";

/** A file's text without its byte order mark; bytes that are no UTF-8 are an error that names their line. */
export async function readText(file: string): Promise<string> {
  const bytes = await readBytes(file);
  try {
    return decode(bytes);
  } catch {
    throw new DataError(
      file,
      brokenLine(bytes),
      "bytes that are not UTF-8; save the file as UTF-8",
    );
  }
}

export async function readBytes(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    throw new DataError(file, undefined, code === "ENOENT" ? "no such file" : String(cause));
  }
}

/** Lines without their ends; the last may lack its end. */
export function splitLines(text: string): string[] {
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

function brokenLine(bytes: Buffer): number | undefined {
  let line = 1;
  let start = 0;
  while (start < bytes.length) {
    const newline = bytes.indexOf(10, start);
    const end = newline === -1 ? bytes.length : newline;
    try {
      decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end + 1;
    line++;
  }
  return undefined;
}
