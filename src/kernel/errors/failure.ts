import { withinTime } from "../values/guard";
import { textOf } from "../values/inspection";
import { counted, cut, plainText, uncoloured } from "../values/text";
import { bold, codeFrame, cyan, dim, red } from "./code-frame";
import {
  type Frame,
  type FrameOptions,
  framesOf,
  isPackaged,
  shownFile,
  syntaxFrame,
} from "./frames";

export type { MapPosition, SourcePosition } from "./frames";

/** An error as Jupyter shows it: lines of `traceback` may have a terminal's colours, the others have none. */
export interface Failure {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: string[];
}

export interface FailureOptions extends FrameOptions {
  /** Text of a file that `map` named, or of one that was not compiled; undefined where it is not known. */
  readonly source: (file: string) => string | undefined;
}

/** What a thrown value says of itself. */
interface Report {
  readonly ename: string;
  readonly evalue: string;
  /** Empty where there is none. */
  readonly stack: string;
  /** What V8 wrote above the calls, as far as is known. */
  readonly header: string;
  readonly isError: boolean;
}

const causesShown = 10;
const errorsShown = 5;
const callsShown = 20;

/**
 * A thrown value as an error of its cell: its message, the line of the user's that it comes from, the calls that led
 * there, and its causes. Throws never and ends always, whatever was thrown.
 */
export function failureOf(error: unknown, options: FailureOptions): Failure {
  try {
    return withinTime(() => {
      const report = reportOf(error);
      const stackless = report.isError ? [] : [dim("thrown as it is, so without a stack")];
      const lines = [...linesOf(report, options), ...stackless];
      const traceback = [...lines, ...causeLines(error, options, new Set())];
      return { ename: report.ename, evalue: report.evalue, traceback };
    }, 10_000);
  } catch {
    const evalue = "What was thrown cannot be shown: it fails when it is looked at.";
    return { ename: "Error", evalue, traceback: [`Error: ${evalue}`] };
  }
}

function reportOf(error: unknown): Report {
  const name = textProperty(error, "name");
  const message = textProperty(error, "message");
  const stack = textProperty(error, "stack") ?? "";
  if (!isErrorLike(error)) {
    return { ename: "Uncaught", evalue: textOf(error), stack: "", header: "", isError: false };
  }
  const given = message ?? read(() => textOf((error as { message: unknown }).message)) ?? "";
  const header = message ? `${name ?? "Error"}: ${message}` : (name ?? "Error");
  return { ename: nameOf(error, name), evalue: plainText(given), stack, header, isError: true };
}

/** Errors of any realm, and what is made to look like one. */
function isErrorLike(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const tag = read(() => Object.prototype.toString.call(value));
  const looks = () => typeof (value as Error).message === "string" && "stack" in value;
  return tag === "[object Error]" || !!read(() => value instanceof Error) || !!read(looks);
}

/** The class says more where its author did not set the name. */
function nameOf(error: unknown, name: string | undefined): string {
  const made = read(() => textProperty((error as object).constructor, "name"));
  const known = name === undefined || name === "" || name === "Error" ? (made ?? name) : name;
  return cut(uncoloured((known || "Error").split("\n")[0]!), 100).split("\n")[0]!;
}

function textProperty(value: unknown, key: string): string | undefined {
  const property = read(() => (value as Record<string, unknown> | undefined)?.[key]);
  return typeof property === "string" ? property : undefined;
}

/** What may throw when it is read. */
function read<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}

function linesOf(report: Report, options: FailureOptions): string[] {
  const { ename, evalue, stack, header, isError } = report;
  if (!isError) return [`${red(bold(ename))} ${evalue}`];
  const syntax = /SyntaxError/.test(ename) ? syntaxFrame(stack, options) : undefined;
  const frames = [...(syntax ? [syntax] : []), ...framesOf(stack, header, options)];
  const message = evalue === "" ? red(bold(ename)) : `${red(bold(ename))}: ${evalue}`;
  return [message, ...placeLines(frames, options)];
}

/** The user's own line in full, then the other calls, one a line. */
function placeLines(frames: readonly Frame[], options: FailureOptions): string[] {
  const own = frames.find((frame) => !isPackaged(frame.file));
  const source = own && read(() => options.source(own.file));
  const code = own && typeof source === "string" ? codeFrame(source, own) : [];
  const others = frames.filter((frame) => code.length === 0 || frame !== own);
  const calls = repeated(others.map((frame) => `    ${dim("at")} ${callOf(frame)}`));
  const left = calls.length - callsShown;
  return [
    ...(own && code.length > 0 ? [callOf(own), ...code] : []),
    ...calls.slice(0, callsShown),
    ...(left > 0 ? [dim(`    … ${counted(left, "more call")}`)] : []),
  ];
}

function callOf({ name, file, line, column }: Frame): string {
  const place = `${shownFile(file)}:${line}:${column}`;
  const shown = uncoloured(name === undefined ? place : `${name} ${place}`);
  if (isPackaged(file)) return dim(shown);
  return name === undefined ? cyan(shown) : `${uncoloured(name)} ${cyan(uncoloured(place))}`;
}

/** A function that calls itself stands once, with its count. */
function repeated(calls: readonly string[]): string[] {
  const runs: { call: string; count: number }[] = [];
  for (const call of calls) {
    const last = runs.at(-1);
    if (last?.call === call) last.count++;
    else runs.push({ call, count: 1 });
  }
  return runs.map(({ call, count }) => (count === 1 ? call : `${call} ${dim(`(${count} times)`)}`));
}

/** The errors that an error says it comes from, each with its own lines, and then with those it comes from in turn. */
function causeLines(error: unknown, options: FailureOptions, seen: Set<unknown>): string[] {
  seen.add(error);
  return originsOf(error).flatMap(({ label, origin }) => {
    if (label === undefined) return ["", dim(String(origin))];
    if (seen.has(origin)) return ["", `${bold(label)} ${dim("an error shown above")}`];
    // Of all of them together: each may gather as many again.
    if (seen.size > causesShown)
      return ["", `${bold(label)} ${dim("not shown, as there are many")}`];
    const [first, ...rest] = linesOf(reportOf(origin), options);
    return ["", `${bold(label)} ${first}`, ...rest, ...causeLines(origin, options, seen)];
  });
}

interface Origin {
  /** Undefined for a line that stands for further ones. */
  readonly label: string | undefined;
  readonly origin: unknown;
}

function originsOf(error: unknown): Origin[] {
  if (!isErrorLike(error)) return [];
  const origins: Origin[] = [];
  const gathered = read(() => (error as { errors?: unknown }).errors);
  if (read(() => Array.isArray(gathered) && error instanceof AggregateError)) {
    const errors = gathered as readonly unknown[];
    const count = errors.length;
    for (let at = 0; at < Math.min(count, errorsShown); at++) {
      origins.push({ label: `Error ${at + 1} of ${count}:`, origin: read(() => errors[at]) });
    }
    const left = count - errorsShown;
    if (left > 0) origins.push({ label: undefined, origin: `… ${counted(left, "more error")}` });
  }
  const cause = read(() => (error as Error).cause);
  if (cause !== undefined) origins.push({ label: "Caused by:", origin: cause });
  return origins;
}
