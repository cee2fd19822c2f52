import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { NotebookError } from "../../../src/kernel/headless/errors";
import {
  injectedCell,
  parseParameter,
  readPythonJson,
} from "../../../src/kernel/headless/parameters";
import { python } from "../../../src/setup/paths";
import { fixtures } from "../conversation";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

test.each([
  ["seeds=3", "seeds", 3],
  ["rate=2e-3", "rate", 0.002],
  ["rate=NaN", "rate", Number.NaN],
  ["rate=-Infinity", "rate", -Infinity],
  ["task=cola", "task", "cola"],
  ['task="5"', "task", "5"],
  ['tasks=["mrpc","cola"]', "tasks", ["mrpc", "cola"]],
  ["quick=true", "quick", true],
  ["limit=null", "limit", null],
  ["note=a=b c", "note", "a=b c"],
  ["empty=", "empty", ""],
  ["größe=1", "größe", 1],
])("%s is read as a name and a value", (text, name, value) => {
  expect(parseParameter(text)).toEqual([name, value]);
});

test.each(["seeds", "=3", "3=4", "a b=1", ""])("%j sets no parameter", (text) => {
  expect(() => parseParameter(text)).toThrow(NotebookError);
});

/** A parameters cell, values for it, and the lines that set them or why they are refused. */
interface Case {
  readonly cell: string | null;
  readonly values: Readonly<Record<string, unknown>>;
  readonly injected?: readonly string[];
  readonly error?: string;
}

/** papermill reads the same file, so its JSON is Python's, which has NaN. */
const cases = readPythonJson(readFileSync(join(fixtures, "parameters.json"), "utf8")) as Case[];

/** What became of a case, as `npm run notebook` and papermill both put it. */
interface Outcome {
  readonly source?: string;
  readonly error?: string;
}

function expectCase({ injected, error }: Case, outcome: Outcome): void {
  if (error !== undefined) expect(outcome.error).toContain(error);
  else expect(outcome.source?.split("\n").slice(1)).toEqual(injected);
}

describe("npm run notebook", () => {
  test.each(cases)("$cell given $values", (row) => {
    let outcome: Outcome;
    try {
      outcome = { source: injectedCell(row.cell ?? undefined, row.values) };
    } catch (error) {
      const { message, remedy } = error as NotebookError;
      outcome = { error: `${message} ${remedy}` };
    }
    expectCase(row, outcome);
  });
});

describe("papermill", () => {
  let found: { cases: Outcome[]; python: Record<string, Outcome & { declared?: object }> };
  beforeAll(() => {
    const output = execFileSync(python, ["-B", join(fixtures, "papermill_cases.py")], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    found = JSON.parse(output);
  });

  test("has an outcome for every case", () => expect(found.cases).toHaveLength(cases.length));

  test.each(cases.map((row, index) => ({ ...row, index })))("$cell given $values", (row) => {
    expectCase(row, found.cases[row.index]!);
  });

  test("writes a tuple as an array, and refuses what TypeScript has no literal for", () => {
    expect(found.python.tuple!.source).toContain("const sizes = [2,3];");
    expect(found.python.date!.error).toContain("datetime.date(2026, 11, 1) (date) is no value");
    expect(found.python.keys!.error).toContain("keys must be str");
  });

  test("tells what a notebook declares, and forgets it", () => {
    const { declared, error } = found.python.inspected!;
    const expected = { inferred_type_name: "number", default: "1" };
    expect(declared).toMatchObject({
      seeds: expected,
      rates: { inferred_type_name: "number[]", default: "[]" },
    });
    expect(error).toContain("no cell of parameters");
  });
});
