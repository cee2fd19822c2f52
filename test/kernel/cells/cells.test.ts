import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { TypeScriptError } from "../../../src/kernel/cells/cells";
import { Session } from "../../../src/kernel/cells/session";
import { createCheckpoint } from "../../../src/kernel/modules/checkpoints";

// The compiler takes seconds to start, and more on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const folder = mkdtempSync(join(tmpdir(), "peftlab-cells-"));
let session: Session;
beforeAll(() => {
  writeFileSync(
    join(folder, "beside.ts"),
    "export const beside = 7; export interface Side { n: number }",
  );
  const only = join(folder, "node_modules/only-import");
  mkdirSync(only, { recursive: true });
  writeFileSync(
    join(only, "package.json"),
    '{ "name": "only-import", "type": "module", "exports": { "import": "./index.js" } }',
  );
  writeFileSync(join(only, "index.js"), "export const value = await Promise.resolve(5);");
  writeFileSync(join(only, "index.d.ts"), "export declare const value: number;");
  session = new Session(
    folder,
    createCheckpoint(() => {}),
    { tslab: () => ({ display: "tslab's" }) },
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a cell's last expression gives. */
async function run(code: string): Promise<unknown> {
  if (session.keepModule(code)) return undefined;
  return (await session.run(session.compile(code)))?.value;
}

const problems = (code: string): string[] => {
  try {
    session.compile(code);
    return [];
  } catch (error) {
    if (error instanceof TypeScriptError)
      return error.problems.map(({ code, start }) => `TS${code} at ${start}`);
    throw error;
  }
};

describe("what a cell gives", () => {
  test.each([
    ["1 + 1", 2],
    ["null", null],
    ["const declared = 5;", undefined],
    ["let assigned = 1; assigned = 2", undefined],
    ["void 0;", undefined],
    ["await Promise.resolve(3)", 3],
    ["Promise.resolve(4)", 4],
    ["function named() {}", undefined],
    ["'text';", "text"],
    ["({ a: 1 }).a", 1],
    ["if (true) 5", undefined],
    ["", undefined],
    ["// only a comment", undefined],
    ["class Last {}", undefined],
    ["(0, 6)", 6],
    ["const [p, { q }] = [1, { q: 2 }] as const; p + q", 3],
    ["enum Colour { Red = 3 } Colour.Red", 3],
    ["export const exported = 1; exported", 1],
    ["export default 9", 9],
    ["export const [first, { second }] = [1, { second: 2 }] as const; first + second", 3],
    ["export default function Named() { return 10 } Named()", 10],
    [
      "let marks = 0; const mark = (..._: unknown[]) => void marks++; @mark export class Marked {} marks",
      1,
    ],
    ["using held = { value: 8, [Symbol.dispose]() {} }; held.value", 8],
    ["for await (const x of [Promise.resolve(1)]) x", undefined],
  ])("%s", async (code, value) => {
    expect(await run(code)).toEqual(value);
  });
});

describe("names of earlier cells", () => {
  test("are read and written where they live, from every cell", async () => {
    await run("let count = 1; const read = () => count;");
    expect(await run("count = 5; read()")).toBe(5);
    expect(await run("count++; count += 2; [count, read()]")).toEqual([8, 8]);
    expect(await run("({ count }).count")).toBe(8);
    expect(await run("({ count } = { count: 3 }); read()")).toBe(3);
    expect(await run("[count] = [4]; for (count of [6]) {} read()")).toBe(6);
  });

  test("declared anew are new, and earlier functions keep their own", async () => {
    await run("const label = 'old'; const old = () => label;");
    expect(await run("const label = 1; [label, old()]")).toEqual([1, "old"]);
  });

  test("are functions called without a receiver, classes, types and enums", async () => {
    await run(`function self(this: unknown, ...given: unknown[]) { return this; }
class Point { constructor(readonly x: number) {} }
interface Named { name: string }
type Both = Named & { n: number };
enum Size { S, L }`);
    expect(await run("self()")).toBeUndefined();
    expect(await run("class Far extends Point { far = true } new Far(2).x")).toBe(2);
    expect(await run("const both: Both = { name: 'a', n: Size.L }; both.n")).toBe(1);
    expect(await run("self`x`")).toBeUndefined();
    expect(await run("new Point(3) instanceof Point")).toBe(true);
  });

  test("hidden by an inner name are left alone", async () => {
    await run("const outer = 1;");
    expect(await run("((outer: number) => ({ outer, inner: outer }))(2)")).toEqual({
      outer: 2,
      inner: 2,
    });
    expect(await run("const o = { outer: 3 }; o.outer + outer")).toBe(4);
    expect(await run("{ const outer = 5; outer; } outer")).toBe(1);
  });

  test("an array that begins empty is filled by later cells, in a strict project too", async () => {
    await run("const rows = []; let last;");
    expect(await run("rows.push(1); last = rows.length; [rows, last]")).toEqual([[1], 1]);
  });

  test("var in blocks is a name of the cell", async () => {
    await run("if (true) { var inBlock = 2 }");
    expect(await run("inBlock")).toBe(2);
  });

  test("of a cell that failed are those that got a value", async () => {
    await expect(run("const before = 1; throw new Error('now'); const after = 2;")).rejects.toThrow(
      "now",
    );
    expect(await run("before")).toBe(1);
    expect(problems("after")).toEqual(["TS2304 at 0"]);
  });
});

describe("imports", () => {
  test("of builtins, files, JSON-free folders and types, seen by later cells", async () => {
    await run(`import { join as glue, type ParsedPath } from "node:path";
import fs from "fs";
import * as os from "node:os";
import { beside, type Side } from "./beside";`);
    expect(await run("glue('a', 'b')")).toBe("a/b");
    expect(await run("const side: Side = { n: beside }; side.n")).toBe(7);
    expect(await run("typeof fs.readFileSync + typeof os.cpus")).toBe("functionfunction");
    expect(await run("(await import('./beside')).beside")).toBe(7);
    expect(await run("require('node:path').sep")).toBe("/");
  });

  test("of tslab give tslab's own interface", async () => {
    expect(await run("require('tslab').display")).toBe("tslab's");
  });

  test("of cells that are modules", async () => {
    await run(
      "/** @module shared */\nexport const shared = 1; export type Shared = { s: string };",
    );
    expect(await run('import { shared, type Shared } from "./shared"; shared')).toBe(1);
    await run("/** @module shared */\nexport const shared = 2;");
    expect(await run('import { shared } from "./shared"; shared')).toBe(2);
  });

  test("of cells that are modules reach each other, files and packages, and lead to their text", async () => {
    await run(`/** @module deep/inner */
import { value } from "only-import";
export interface Inner { n: number }
export const inner: Inner = { n: value };
export const fail = (): never => { throw new Error("inner") };`);
    await run(`/** @module outer */
import { beside } from "./beside";
import { fail, inner } from "./deep/inner";
export const sum = beside + inner.n;
export const again = async () => (await import("./deep/inner")).inner === inner;
export { fail };`);
    await run('import { again, fail, sum } from "./outer";');
    expect(await run("[sum, await again()]")).toEqual([12, true]);
    const caught = "try { return fail(); } catch (error) { return (error as Error).stack; }";
    const stack = String(await run(`(() => { ${caught} })()`));
    const [, file = "", line, column] = /(\/[^()]*inner\.ts):(\d+):(\d+)/.exec(stack) ?? [];
    expect(session.modules.map(file, Number(line), Number(column))).toMatchObject({ line: 5 });
    expect(session.modules.source(file)).toContain("@module deep/inner");
  });
});

describe("mistakes are found before anything runs", () => {
  test.each([
    ["const wrong: number = 'a'", ["TS2322 at 6"]],
    ["nowhere", ["TS2304 at 0"]],
    ["const = 3", ["TS1134 at 6", "TS1134 at 8"]],
    ["import { nothing } from './beside'", ["TS2305 at 9"]],
    ["const fixed = 1; fixed = 2", ["TS2588 at 17"]],
  ])("%s", (code, expected) => {
    expect(problems(code)).toEqual(expected);
  });

  test("a constant of an earlier cell stays constant, and a variable keeps its type", async () => {
    await run("const solid = 1; let loose = 1;");
    expect(problems("solid = 2")).toEqual(["TS2588 at 0"]);
    expect(problems("loose = 'text'")).toEqual(["TS2322 at 0"]);
  });
});
