import type ts from "typescript";
import type { Content } from "../wire/messages";
import { parseCell } from "./parse";

/** The answer to an `is_complete_request`: whether a console should run the text or ask for another line. */
export function completeness(code: string): Content {
  const file = parseCell(code);
  const problems = (file as unknown as { parseDiagnostics: readonly ts.DiagnosticWithLocation[] })
    .parseDiagnostics;
  const first = problems[0];
  if (!first) return { status: "complete" };
  const end = code.trimEnd().length;
  // What is missing is missing at the end: another line may bring it.
  if (first.start >= end && first.code !== unterminatedString)
    return { status: "incomplete", indent: indentOf(code) };
  if (problems.some(({ code }) => code === unterminatedTemplate || code === unterminatedComment))
    return { status: "incomplete", indent: "" };
  return { status: "invalid" };
}

const unterminatedString = 1002;
const unterminatedComment = 1010;
const unterminatedTemplate = 1160;

/** As deep as the last line, and deeper after an opening bracket. */
function indentOf(code: string): string {
  const line = code.trimEnd().split("\n").at(-1) ?? "";
  const indent = /^\s*/.exec(line)![0];
  return /[{([]$/.test(line) ? `${indent}  ` : indent;
}
