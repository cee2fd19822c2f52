import { describe, expect, test } from "vitest";
import { NotebookError } from "../../../src/kernel/headless/errors";
import { injectedCell, parseParameter } from "../../../src/kernel/headless/parameters";

test.each([
  ["seeds=3", "seeds", 3],
  ["rate=2e-3", "rate", 0.002],
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

/** One declaration, a value for it, and the declaration it becomes. */
const injections: [declaration: string, value: unknown, injected: string][] = [
  ["const seeds = 1;", 3, "const seeds = 3;"],
  ["let seeds = 1", 3, "let seeds = 3;"],
  ["const shift = -1;", 2, "const shift = 2;"],
  ['const task = "mrpc";', "cola", 'const task = "cola";'],
  ["const task = `mrpc`;", 'c"o', 'const task = "c\\"o";'],
  ["const quick = false; // half the steps", true, "const quick = true;"],
  ['const tasks: TaskName[] = ["mrpc"];', ["cola"], 'const tasks: TaskName[] = ["cola"];'],
  ['const task: TaskName = "mrpc";', "cola", 'const task: TaskName = "cola";'],
  ['const tasks = ["mrpc"] as TaskName[];', ["cola"], 'const tasks = ["cola"] as TaskName[];'],
  ["const sizes = [1, 2] as const;", [3], "const sizes = [3] as const;"],
  [
    "const budget = { epochs: 3 } satisfies Budget;",
    { steps: 9 },
    'const budget = {"steps":9} satisfies Budget;',
  ],
  ["const limit: number | null = null;", 5, "const limit: number | null = 5;"],
  ["const limit: number | null = 5;", null, "const limit: number | null = null;"],
  ['const head: "pooler" | "mean" = "pooler";', "mean", 'const head: "pooler" | "mean" = "mean";'],
  ['const scope: number | "all" = "all";', 0.3, 'const scope: number | "all" = 0.3;'],
  ["const steps = 20 * 10;", 7, "const steps = 7;"],
  ["const a = 1, seeds = 2;", 3, "const seeds = 3;"],
];
test.each(injections)("%s given %j", (declaration, value, injected) => {
  const name = /(\w+)(?:: [^=]+)? =[^=]*$/.exec(declaration.split(";")[0]!)![1]!;
  const cell = `// Parameters\n${declaration}\n`;
  expect(
    injectedCell(cell, { [name]: value })
      .split("\n")
      .slice(1),
  ).toEqual([injected]);
});

test("several parameters are set in one cell", () => {
  const cell = 'const seeds = 1;\nconst task = "mrpc";\nconst quick = false;';
  const lines = injectedCell(cell, { task: "cola", seeds: 3 }).split("\n");
  expect(lines.slice(1)).toEqual(['const task = "cola";', "const seeds = 3;"]);
});

describe("stops before anything runs", () => {
  test.each([
    ["const seeds = 1;", "three"],
    ["const seeds = -1;", [1]],
    ['const task = "mrpc";', 5],
    ["const quick = false;", 1],
    ["const tasks = [];", "cola"],
    ["const budget = { epochs: 1 };", [1]],
    ["const seeds: number = 1;", "three"],
    ["const limit: number | null = null;", "five"],
    ["const tasks: readonly string[] = [];", "cola"],
    ['const head: "pooler" | "mean" = "pooler";', true],
  ])("%s given %j", (cell, value) => {
    const name = /const (\w+)/.exec(cell)![1]!;
    expect(() => injectedCell(cell, { [name]: value })).toThrow(`The parameter ${name} takes `);
  });

  test("an unknown name, naming those there are", () => {
    const cell =
      "const seeds = 1; let task = 'mrpc';\nfunction f() { const inner = 1; }\nlet open: number;";
    try {
      injectedCell(cell, { seed: 3 });
      expect.unreachable();
    } catch (error) {
      expect((error as NotebookError).message).toContain('"seed"');
      expect((error as NotebookError).remedy).toBe("Its parameters are: seeds, task.");
    }
  });
});
