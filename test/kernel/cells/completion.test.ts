import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { complete } from "../../../src/kernel/cells/completion";
import { inspectAt } from "../../../src/kernel/cells/inspection";
import { Session } from "../../../src/kernel/cells/session";
import { createCheckpoint } from "../../../src/kernel/modules/checkpoints";
import { createFolder } from "../files";

// The compiler takes seconds to start, and more on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const files = {
  "tsconfig.json": '{ "compilerOptions": { "lib": ["es2022"], "types": [] } }',
  "src/index.ts": `import type { Task } from "./tasks";
/** What a run needs. */
export interface RunOptions {
  /** Which task. */
  readonly task: "cola" | "mrpc" | "sst-2";
  readonly rate?: number;
}
export type Mode = "fast" | "slow";
/**
 * Trains a run.
 *
 * @param times how often
 */
export async function train(options: RunOptions, times = 1): Promise<number> {
  return times;
}
export const pick = (task: Task, mode: Mode): string => task.name + mode;
export * from "./tasks";
export * as peft from "./peft";
`,
  "src/tasks.ts": `/** A task of one's own. */
export class Task {
  constructor(readonly name: string) {}
  /** Rows of it. */
  rows(count: number): string[] { return []; }
}
export const tasks = { cola: new Task("cola"), mrpc: new Task("mrpc") };
`,
  "src/peft.ts": "export const lora = (rank: number, alpha?: number) => ({ rank, alpha });",
  "src/inner.ts": "export const trainInner = 1;",
  "notebooks/beside.ts": "export const beside = 7; export interface Side { n: number }",
  "node_modules/package/package.json": '{ "name": "package", "types": "index.d.ts" }',
  "node_modules/package/index.d.ts": "export declare function trainPackage(): void;",
};

const cells = [
  `/** Rows at most. */
const limit = 5;
let count = 1;`,
  `/** Adds. */
function add(a: number, b: number) { return a + b; }
class Point { constructor(readonly x: number) {} }`,
  'import { beside, type Side } from "./beside";',
];

const folder = createFolder(files);
let session: Session;
beforeAll(async () => {
  session = new Session(
    join(folder.path, "notebooks"),
    createCheckpoint(() => {}),
    { tslab: () => ({}) },
  );
  for (const cell of cells) await session.run(session.compile(cell));
});
afterAll(() => folder.delete());

interface Completed {
  readonly matches: string[];
  readonly cursor_start: number;
  readonly cursor_end: number;
  readonly metadata: {
    readonly _jupyter_types_experimental: {
      start: number;
      end: number;
      text: string;
      type: string;
      signature: string;
    }[];
  };
}

/** Code, and the cursor that ‸ marks in it, in code points. */
function marked(text: string): [code: string, cursor: number] {
  const before = text.slice(0, text.indexOf("‸"));
  return [text.replace("‸", ""), [...before].length];
}

const completed = (text: string) => complete(session, ...marked(text)) as unknown as Completed;

/** The code once a match has been taken, as a frontend does it. */
function taken(text: string, match: string): string {
  const { cursor_start, cursor_end } = completed(text);
  const points = [...marked(text)[0]];
  return [...points.slice(0, cursor_start), match, ...points.slice(cursor_end)].join("");
}

// What is written; what taking the match makes of it; the match's type and signature.
const completions: [text: string, code: string, type: string, signature: string][] = [
  // Names of earlier cells and of the language.
  ["lim‸", "limit", "instance", "5"],
  ["const a = 1 + coun‸;", "const a = 1 + count;", "instance", "number"],
  ["ad‸", "add", "function", "(a: number, b: number): number"],
  ["new Poi‸", "new Point", "class", "new (x: number): Point"],
  ["let s: Sid‸", "let s: Side", "interface", "Side"],
  [
    "clearO‸",
    "clearOutput",
    "function",
    "(options?: { readonly wait?: boolean | undefined; } | undefined): void",
  ],
  ["const m = new Ma‸", "const m = new Map", "class", "new (): Map<any, any> (+3 overloads)"],
  ["awai‸", "await", "keyword", ""],
  // Members.
  ["beside.toF‸", "beside.toFixed", "function", "(fractionDigits?: number | undefined): string"],
  ["Math.‸", "Math.abs", "function", "(x: number): number"],
  ["Math.a‸bs(1)", "Math.abs(1)", "function", "(x: number): number"],
  ["new Point(1).‸", "new Point(1).x", "property", "number"],
  ["({ a: 1, bc: '' }).b‸", "({ a: 1, bc: '' }).bc", "property", "string"],
  // Half-written code, and code points that are two units long.
  ["if (lim‸", "if (limit", "instance", "5"],
  ["function f(abc: number) { ab‸", "function f(abc: number) { abc", "param", "number"],
  ["const t = `${lim‸", "const t = `${limit", "instance", "5"],
  ["'😀😀😀'; li‸", "'😀😀😀'; limit", "instance", "5"],
  ["const s = '😀'.trimS‸ + '😀'", "const s = '😀'.trimStart + '😀'", "function", "(): string"],
  [
    "for (const x of [1, 2]) {\n  x.toE‸",
    "for (const x of [1, 2]) {\n  x.toExponential",
    "function",
    "(fractionDigits?: number | undefined): string",
  ],
  // Unions of string literals.
  ["let t: 'up' | 'down' = '‸'", "let t: 'up' | 'down' = 'up'", "value", ""],
  ["let t: 'up' | 'down' = 'd‸", "let t: 'up' | 'down' = 'down", "value", ""],
  ['train({ task: "s‸t" })', 'train({ task: "sst-2" })', "value", ""],
  // Imports.
  [
    'import { tr‸ } from "../src"',
    'import { train } from "../src"',
    "function",
    "(options: RunOptions, times?: number): Promise<number>",
  ],
  [
    'import { RunO‸ } from "../src"',
    'import { RunOptions } from "../src"',
    "interface",
    "RunOptions",
  ],
  ['import x from "../s‸"', 'import x from "../src"', "path", ""],
  ['import x from "../src/in‸', 'import x from "../src/inner', "path", ""],
  ['import x from "./be‸"', 'import x from "./beside"', "path", ""],
  ['import x from "pack‸"', 'import x from "package"', "path", ""],
  // What `src` exports, not imported.
  ["trai‸", "train", "function", 'import { train } from "../src";'],
  ["let o: RunO‸", "let o: RunOptions", "interface", 'import { RunOptions } from "../src";'],
  ["pef‸", "peft", "module", 'import { peft } from "../src";'],
  ["new Tas‸", "new Task", "class", 'import { Task } from "../src";'],
  ["tasks.co‸", "tasks.cola", "property", "Task"],
  [
    "peft.l‸",
    "peft.lora",
    "function",
    "(rank: number, alpha?: number | undefined): { rank: number; alpha: number | undefined; }",
  ],
  ["train({ ra‸", "train({ rate", "property", "number | undefined"],
];

// What the cursor is on; whether the source is wanted; the text that must be there, from its beginning.
const inspections: [text: string, detail: 0 | 1, said: string][] = [
  // At the name: of the text, of earlier cells, of the language.
  ["const own = 1; o‸wn", 0, "const own: 1"],
  ["lim‸it", 0, "const limit: 5\n\nRows at most."],
  ["'😀'; limit‸ + 1", 0, "const limit: 5\n\nRows at most."],
  ["limit‸", 1, "const limit: 5\n\nRows at most.\n\nconst limit = 5;"],
  [
    "ad‸d",
    1,
    "function add(a: number, b: number): number\n\nAdds.\n\nfunction add(a: number, b: number) { return a + b; }",
  ],
  ["Point‸", 1, "class Point\n\nclass Point { constructor(readonly x: number) {} }"],
  ["beside‸", 1, "const beside: 7\n\nexport const beside = 7;"],
  ["Math.ab‸s", 0, "(method) Math.abs(x: number): number\n\nReturns the absolute value"],
  ["displ‸ay(1)", 0, "const display: Display"],
  // Inside a call.
  ["add(‸", 0, "add(a: number, b: number): number\n\nAdds.\n\nHere: a: number"],
  ["add(1, ‸)", 0, "add(a: number, b: number): number\n\nAdds.\n\nHere: b: number"],
  ["[1].map((x) => add(x, ‸", 0, "add(a: number, b: number): number\n\nAdds.\n\nHere: b: number"],
  ["'😀'.padEnd(‸", 0, "padEnd(maxLength: number, fillString?: string): string"],
  // Imported types and names.
  ["let s: Side‸", 0, "export interface Side { n: number }"],
  [
    'import { train‸ } from "../src"',
    0,
    "function train(options: RunOptions, times?: number): Promise<number>\n\nTrains a run.",
  ],
  ['import type { Mode } from "../src"; let m: Mo‸de', 0, 'export type Mode = "fast" | "slow";'],
  [
    'import type { RunOptions } from "../src"; (o: RunOptions) => o.ta‸sk',
    0,
    '(property) RunOptions.task: "cola" | "mrpc" | "sst-2"\n\nWhich task.',
  ],
  // What `src` exports, not imported.
  [
    "train‸",
    0,
    'function train(options: RunOptions, times?: number): Promise<number>\n\nimport { train } from "../src";\n\nTrains a run.',
  ],
  [
    "train({ task: 'cola' }, ‸",
    0,
    'train(options: RunOptions, times?: number): Promise<number>\n\nimport { train } from "../src";\n\nTrains a run.\n\nHere: times?: number – how often',
  ],
  [
    "if (tasks.cola.ro‸ws",
    1,
    "(method) Task.rows(count: number): string[]\n\nRows of it.\n\nrows(count: number): string[] { return []; }",
  ],
];

describe("completion", () => {
  test.each(completions)("%s", (text, code, type, signature) => {
    const { matches, metadata, ...range } = completed(text);
    const match = matches.find((name) => taken(text, name) === code);
    expect(match, matches.join(" ")).toBeDefined();
    const described = metadata._jupyter_types_experimental[matches.indexOf(match!)];
    const { cursor_start: start, cursor_end: end } = range;
    expect(described).toEqual({ start, end, text: match, type, signature });
  });

  test("there are fifty fixed places and more", () => {
    expect(completions.length + inspections.length).toBeGreaterThanOrEqual(50);
  });

  test("is in the language service's order, each name once", () => {
    const { matches } = completed("‸");
    expect(new Set(matches).size).toBe(matches.length);
    const { file, start } = session.drafts.write("");
    const { entries } = session.language.service.getCompletionsAtPosition(file, start, {})!;
    const names = entries.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(100);
    expect(matches.filter((name) => names.includes(name))).toEqual(
      names.filter((name) => matches.includes(name)),
    );
    const exported = matches.filter((name) => !names.includes(name));
    expect(exported).toEqual(["peft", "pick", "Task", "tasks", "train"]);
    expect(matches.indexOf("peft")).toBeGreaterThan(matches.indexOf("yield"));
  });

  test("has at most 200 names", () => {
    const many = Array.from({ length: 300 }, (_, index) => `m${index}: 1`).join();
    const { matches, metadata } = completed(`({ ${many} }).‸`);
    expect(matches).toHaveLength(200);
    expect(metadata._jupyter_types_experimental.map(({ text }) => text)).toEqual(matches);
  });

  test("has what src exports, but nothing of its inner files, packages or cells", () => {
    expect(completed("train‸").matches).toEqual(["train"]);
    expect(completed("besid‸").matches).toEqual(["beside"]);
    expect(completed("nothing.trai‸").matches).toEqual([]);
  });

  test("where src has no index, is of all its files", async () => {
    const own = createFolder({
      "src/deep/a.ts": "export const deepName = 1;",
      "src/deep/index.ts": "export { deepName } from './a'; export const indexName = 1;",
      "src/b.test.ts": "export const deepTest = 1;",
      "notebooks/.keep": "",
    });
    const session = new Session(
      join(own.path, "notebooks"),
      createCheckpoint(() => {}),
      { tslab: () => ({}) },
    );
    const reply = complete(session, "deep", 4) as unknown as Completed;
    expect(reply.metadata._jupyter_types_experimental.map(({ signature }) => signature)).toEqual([
      'import { deepName } from "../src/deep";',
    ]);
    own.delete();
  });
});

describe("inspection", () => {
  test.each(inspections)("%s, detail %i", (text, detail, said) => {
    const { found, data } = inspectAt(session, ...marked(text), detail);
    expect(found).toBe(true);
    const forms = data as Record<"text/plain" | "text/markdown", string>;
    expect(forms["text/plain"].slice(0, said.length)).toBe(said);
    const [signature] = said.split("\n\n");
    expect(forms["text/markdown"]).toContain(`\`\`\`typescript\n${signature}`);
  });

  test.each(["nowhere‸", "‸", "12‸", "const = ‸"])("finds nothing for %s", (text) => {
    expect(inspectAt(session, ...marked(text), 0)).toEqual({
      status: "ok",
      found: false,
      data: {},
      metadata: {},
    });
  });
});

describe("a cell that uses what src exports without importing it", () => {
  test.each([
    ["train({ task: 'cola' })", "Cannot find name 'train'.", "train"],
    ["let o: RunOptions", "Cannot find name 'RunOptions'.", "RunOptions"],
    [
      "const all = { tasks }",
      "No value exists in scope for the shorthand property 'tasks'.",
      "tasks",
    ],
  ])("%s names the import", (code, message, name) => {
    const line = `import { ${name} } from "../src";`;
    expect(() => session.compile(code)).toThrow(message);
    expect(() => session.compile(code)).toThrow(`Import it: ${line}`);
    expect(() => session.compile(`${line} ${code}`)).not.toThrow();
  });

  test("but not of what it does not export", () => {
    expect(() => session.compile("trainInner")).toThrow(/^Cannot find name 'trainInner'\.[^:]*$/);
  });
});
