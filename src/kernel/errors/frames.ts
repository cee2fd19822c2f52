import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/** A place in a file as its author wrote it; line and column from 1. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where a place in JavaScript comes from; undefined for a file that was not compiled. */
export type MapPosition = (
  file: string,
  line: number,
  column: number,
) => SourcePosition | undefined;

/** One call of a stack. */
export interface Frame extends SourcePosition {
  /** The function, where it has a name worth showing. */
  readonly name: string | undefined;
}

export interface FrameOptions {
  readonly map: MapPosition;
  /** Whether calls in a JavaScript file are nothing the user should see. */
  readonly isHidden: (file: string) => boolean;
}

/** Calls looked at; an error may say it has more. */
const limit = 200;

/** The calls that V8 wrote into `stack` below its `header`, without those of Node and of hidden files. */
export function framesOf(stack: string, header: string, options: FrameOptions): Frame[] {
  const below = stack.startsWith(header) ? stack.slice(header.length) : afterHeader(stack);
  return below
    .slice(0, 1_000_000)
    .split("\n", limit)
    .map((line) => {
      try {
        return frameOf(line, options);
      } catch {
        // A trace without a call is better than none.
        return undefined;
      }
    })
    .filter((frame) => frame !== undefined);
}

/** A syntax error's file and line stand above its header, with the code and a caret. */
export function syntaxFrame(stack: string, { map, isHidden }: FrameOptions): Frame | undefined {
  const match = /^([^\n]{1,4096}):(\d+)\n[^\n]*\n( *)\^/.exec(stack.slice(0, 100_000));
  if (!match) return undefined;
  const [, given, line, spaces] = match as unknown as [string, string, string, string];
  const file = pathOf(given);
  if (isInternal(file) || isHidden(file)) return undefined;
  const at = { file, line: Number(line), column: spaces.length + 1 };
  return { ...(map(at.file, at.line, at.column) ?? at), name: undefined };
}

function afterHeader(stack: string): string {
  const start = stack.search(/^ {4}at /m);
  return start < 0 ? "" : stack.slice(start);
}

function frameOf(line: string, { map, isHidden }: FrameOptions): Frame | undefined {
  const call = /^ {4}at (?:async )?(.{1,4096})$/.exec(line)?.[1];
  if (call === undefined) return undefined;
  const match =
    // Code of eval and new Function: where that was called.
    /^(?<name>eval|new Function|\S+) \(eval at .*? \((?<file>[^()]+):(?<line>\d+):(?<column>\d+)\)/.exec(
      call,
    ) ??
    /^(?<name>.*?) \((?<file>.+):(?<line>\d+):(?<column>\d+)\)$/.exec(call) ??
    /^(?<file>.+):(?<line>\d+):(?<column>\d+)$/.exec(call);
  const { name, file: given, line: row, column } = match?.groups ?? {};
  if (given === undefined) return undefined;
  const file = pathOf(given);
  if (isInternal(file) || isHidden(file)) return undefined;
  const at = { file, line: Number(row), column: Number(column) };
  return { ...(map(at.file, at.line, at.column) ?? at), name: nameOf(name) };
}

function pathOf(file: string): string {
  if (!file.startsWith("file:")) return file;
  try {
    return fileURLToPath(file);
  } catch {
    return file;
  }
}

/** Node's own. */
function isInternal(file: string): boolean {
  return /^(node:|internal\/|<anonymous>|native$|evalmachine\.)/.test(file);
}

function nameOf(name: string | undefined): string | undefined {
  // "Object.train [as run]": the first is what the author wrote.
  const own = name?.replace(/ \[as [^\]]*\]$/, "").replace(/^(Object|Module|exports)\./, "");
  return own === undefined || own === "" || /^(<anonymous>|eval)$/.test(own) ? undefined : own;
}

/** A file as the reader knows it: packages by name, others from the working directory. */
export function shownFile(file: string): string {
  const inPackage = file.lastIndexOf("node_modules");
  if (inPackage >= 0) return file.slice(inPackage + "node_modules".length + 1);
  return /^([/\\]|[A-Za-z]:[/\\])/.test(file) ? relative(process.cwd(), file) || file : file;
}

/** Whether a file belongs to a package that was installed. */
export function isPackaged(file: string): boolean {
  return /[/\\]node_modules[/\\]/.test(file);
}
