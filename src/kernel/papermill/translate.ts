/**
 * Answers papermill's translator, which is in Python, by the rules of `npm run notebook`: the question is on stdin, the
 * answer goes to stdout, both JSON.
 */
import { readFileSync } from "node:fs";
import { NotebookError } from "../headless/errors";
import { declaredParameters, injectedCell, readPythonJson } from "../headless/parameters";

interface Question {
  /** Source of the cell tagged `parameters`; null where there is none. */
  cell: string | null;
  /** Values to set; null to be told what the cell declares. */
  values: Record<string, unknown> | null;
}

function answer({ cell, values }: Question): object {
  if (values === null) return { parameters: declaredParameters(cell ?? "") };
  try {
    return { source: injectedCell(cell ?? undefined, values) };
  } catch (error) {
    if (!(error instanceof NotebookError)) throw error;
    return { error: `${error.message} ${error.remedy}` };
  }
}

process.stdout.write(JSON.stringify(answer(readPythonJson(readFileSync(0, "utf8")) as Question)));
