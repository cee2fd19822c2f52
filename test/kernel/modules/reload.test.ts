import { renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createModules, type Modules } from "../../../src/kernel/modules/modules";
import { openProject } from "../../../src/kernel/modules/project";
import { createFolder, type Folder } from "../files";

type Values = Record<string, unknown>;

let folder: Folder;
let modules: Modules;

/** Loads `./index` of a folder of files. */
async function open(files: Readonly<Record<string, string>>): Promise<Values> {
  folder.write(files);
  modules = createModules(openProject(folder.path));
  return modules.import("./index", folder.path);
}

/** Writes files and gives the names of those that ran again, failed and are kept. */
async function edit(files: Readonly<Record<string, string>>, ...removed: string[]) {
  folder.write(files);
  folder.remove(...removed);
  const { reloaded, failed, kept } = await modules.refresh();
  const name = (file: string) => file.slice(folder.path.length + 1);
  return {
    reloaded: reloaded.map(name),
    failed: failed.map(({ file, error }) => `${name(file)}: ${(error as Error).message}`),
    kept: kept.map(name),
  };
}

const did = (...reloaded: string[]) => ({ reloaded, failed: [], kept: [] });

beforeEach(() => {
  folder = createFolder();
});
afterEach(() => folder.delete());

test("nothing changed", async () => {
  await open({ "index.ts": "export const a = 1;" });
  expect(await edit({})).toEqual(did());
  expect(await edit({ "index.ts": "export const a = 1;" })).toEqual(did());
});

test("a change goes through barrels into what importers hold", async () => {
  const index = await open({
    "index.ts": "export * from './b'; export { c as d } from './c'; export const own = {};",
    "b.ts": "export const a = 1; export const old = 1;",
    "c.ts": "export const c = 1;",
  });
  const { own } = index;
  expect(await edit({ "b.ts": "export const a = 2; export const fresh = 3;" })).toEqual(
    did("b.ts"),
  );
  expect({ ...index }).toEqual({ a: 2, fresh: 3, d: 1, own: {} });
  expect(index.own).toBe(own);
  expect(await edit({ "c.ts": "export const c = 2;" })).toEqual(did("c.ts"));
  expect(index.d).toBe(2);
});

test("files that use a value only inside functions keep their state and classes", async () => {
  const index = await open({
    "index.ts": `import { twice } from './b'; export class Kept {}; export let n = 0;
      export const use = () => { n++; return twice(2); };`,
    "b.ts": "export const twice = (x: number) => x * 2;",
  });
  const { Kept, use } = index as { Kept: unknown; use: () => number };
  expect(use()).toBe(4);
  expect(await edit({ "b.ts": "export const twice = (x: number) => x * 200;" })).toEqual(
    did("b.ts"),
  );
  expect([use(), index.n, index.Kept === Kept]).toEqual([400, 2, true]);
});

test("importers that took a changed value while loading run again, in order", async () => {
  const index = await open({
    "index.ts": "import { e } from './e'; import { d } from './d'; export const all = [d, e];",
    "e.ts": "import { f } from './f'; export const e = f + 1;",
    "f.ts": "import { d } from './d'; export const f = d + 1;",
    "d.ts": "export const d = 1; export const other = 1;",
    "same.ts": "export {};",
  });
  expect(await edit({ "d.ts": "export const d = 10; export const other = 1;" })).toEqual(
    did("d.ts", "f.ts", "e.ts", "index.ts"),
  );
  expect(index.all).toEqual([10, 12]);
  expect(await edit({ "d.ts": "export const d = 10; export const other = 2;" })).toEqual(
    did("d.ts"),
  );
});

test("a class that extends a changed one is made anew; so is what a called function took", async () => {
  const index = await open({
    "index.ts": `import { Base } from './base'; import { make } from './make';
      export class Derived extends Base {}; export const made = make();`,
    "make.ts": "import { Base } from './base'; export const make = () => new Base().value();",
    "base.ts": "export class Base { value() { return 1; } }",
  });
  const { reloaded } = await edit({ "base.ts": "export class Base { value() { return 2; } }" });
  expect(reloaded).toEqual(["base.ts", "index.ts"]);
  const { Derived } = index as { Derived: new () => { value(): number } };
  expect([new Derived().value(), index.made]).toEqual([2, 2]);
});

test("edits of comments, types and lines run nothing, and stacks follow them", async () => {
  const index = await open({
    "index.ts": "export let n = 0;\nexport function fail() { n++; throw new Error('x'); }\n",
  });
  const { fail } = index as { fail: () => never };
  const line = () => {
    try {
      fail();
    } catch (error) {
      const [, file = "", row, column] = /\((.*):(\d+):(\d+)\)/.exec((error as Error).stack!) ?? [];
      return modules.map(file, Number(row), Number(column))?.line;
    }
  };
  expect(line()).toBe(2);
  const text =
    "// new\n\ninterface A {}\nexport let n: number = 0;\n\nexport function fail(_?: A) { n++; throw new Error('x'); }\n";
  expect(await edit({ "index.ts": text.replace("_?: A", "") })).toEqual(did());
  expect([line(), index.n]).toEqual([6, 2]);
});

test("stacks of functions from before an edit lead to lines of their text", async () => {
  const index = await open({ "index.ts": "export const where = () => new Error('x').stack;" });
  const { where } = index as { where: () => string };
  await edit({
    "index.ts": "export const a = 1;\n\nexport const where = () => new Error('y').stack;",
  });
  const line = (stack: string) => {
    const [, file = "", row, column] = /\((.*):(\d+):(\d+)\)/.exec(stack) ?? [];
    return modules.map(file, Number(row), Number(column));
  };
  const file = join(folder.path, "index.ts");
  expect(line(where())).toMatchObject({ file, line: 1 });
  expect(line((index as { where: () => string }).where())).toMatchObject({ file, line: 3 });
});

test("a file that does not compile or run leaves the old exports whole until it is mended", async () => {
  const index = await open({
    "index.ts": "export * from './b';",
    "b.ts": "export const a = 1; export const f = () => a;",
  });
  const broken = { reloaded: [], kept: [] };
  expect(await edit({ "b.ts": "export const a = ;" })).toEqual({
    ...broken,
    failed: ["b.ts: Expression expected."],
  });
  expect(await edit({})).toMatchObject({ failed: ["b.ts: Expression expected."] });
  expect(index.a).toBe(1);
  const failed = ["b.ts: no"];
  expect(await edit({ "b.ts": "export const a = 2; throw new Error('no');" })).toEqual({
    ...broken,
    failed,
  });
  expect({ ...index }).toMatchObject({ a: 1 });
  expect(await edit({ "b.ts": "export const a = 3;" })).toEqual(did("b.ts"));
  expect({ ...index }).toEqual({ a: 3 });
});

test("an importer that fails on a new value keeps its old ones, and runs when the value is mended", async () => {
  const index = await open({
    "index.ts": "import { list } from './b'; export const n = list.length;",
    "b.ts": "export const list: number[] | undefined = [1];",
  });
  expect(await edit({ "b.ts": "export const list: number[] | undefined = undefined;" })).toEqual({
    reloaded: ["b.ts"],
    failed: ["index.ts: Cannot read properties of undefined (reading 'length')"],
    kept: [],
  });
  expect(index.n).toBe(1);
  expect(await edit({ "b.ts": "export const list = [1, 2];" })).toEqual(did("b.ts", "index.ts"));
  expect(index.n).toBe(2);
});

test("a file that says so is kept, and named until the kernel restarts", async () => {
  const index = await open({
    "index.ts": "export * from './native';",
    "native.ts":
      "import { size } from './size'; export const reload = 'keep'; export const a = size;",
    "size.ts": "export const size = 1;",
  });
  expect(await edit({ "size.ts": "export const size = 2;" })).toEqual({
    reloaded: ["size.ts"],
    failed: [],
    kept: ["native.ts"],
  });
  expect(
    (await edit({ "native.ts": "export const reload = 'keep'; export const a = 3;" })).kept,
  ).toEqual(["native.ts"]);
  expect((await edit({})).kept).toEqual(["native.ts"]);
  expect(index.a).toBe(1);
});

test("new, renamed and deleted files", async () => {
  const index = await open({
    "index.ts": "export { a } from './part';",
    "part/index.ts": "export const a = 'folder';",
  });
  expect(await edit({ "part.ts": "export const a = 'file';" })).toEqual(did("index.ts"));
  expect(index.a).toBe("file");
  expect(await edit({}, "part.ts")).toEqual(did("index.ts"));
  expect(index.a).toBe("folder");
  const gone = await edit({}, "part");
  expect(gone.failed[0]).toMatch(/^index.ts: Cannot find module '.\/part' from /);
  expect(index.a).toBe("folder");
  await expect(modules.import("./part", folder.path)).rejects.toThrow("Cannot find module");
  expect(await edit({ "part.tsx": "export const a = 'back';" })).toEqual(did("index.ts"));
  expect(index.a).toBe("back");
  renameSync(join(folder.path, "part.tsx"), join(folder.path, "other.tsx"));
  expect(await edit({ "index.ts": "export { a } from './other';" })).toEqual(did("index.ts"));
});

test("a new import that fails at first is tried again when that file is mended or comes", async () => {
  const index = await open({ "index.ts": "export const a = 1;" });
  await edit({ "index.ts": "export { a } from './b';" });
  expect(index.a).toBe(1);
  expect((await edit({ "b.ts": "throw new Error('b');" })).failed).toEqual(["index.ts: b"]);
  expect(await edit({ "b.ts": "export { a } from './c';" })).toMatchObject({ reloaded: [] });
  expect(await edit({ "c.ts": "export const a = 2;" })).toEqual(did("index.ts"));
  expect(index.a).toBe(2);
});

test("a new import of a package that only import() can load", async () => {
  const index = await open({
    "index.ts": "export const a = 1;",
    "node_modules/esm/package.json": '{ "type": "module", "exports": { "import": "./i.js" } }',
    "node_modules/esm/i.js": "export const a = await 2;",
  });
  expect(await edit({ "index.ts": "export { a } from 'esm';" })).toEqual(did("index.ts"));
  expect(index.a).toBe(2);
});

test("JSON: who read a changed part while loading runs again", async () => {
  const index = await open({
    "index.ts": `import data, { rate } from './data.json'; import { list } from './b';
      export const taken = rate; export const later = () => data.name; export { list };`,
    "b.ts": "import list from './list.json'; export { list };",
    "data.json": '{ "rate": 1, "name": "a", "deep": { "x": 1 } }',
    "list.json": "[1]",
  });
  const cell = await modules.import("./data.json", folder.path);
  expect(await edit({ "data.json": '{ "rate": 1, "name": "b", "deep": { "x": 1 } }' })).toEqual(
    did("data.json"),
  );
  expect([(index as { later: () => string }).later(), cell.name]).toEqual(["b", "b"]);
  expect((await edit({ "data.json": '{ "rate": 2 }' })).reloaded).toEqual([
    "data.json",
    "index.ts",
  ]);
  expect([index.taken, Object.keys(cell)]).toEqual([2, ["rate", "default"]]);
  expect((await edit({ "list.json": "[1, 2]" })).reloaded).toContain("list.json");
  expect(index.list).toEqual([1, 2]);
  expect((await edit({ "data.json": "{" })).failed).toHaveLength(1);
  expect(index.taken).toBe(2);
});

test("a CommonJS file: its importers run again", async () => {
  const index = await open({
    "index.ts": "import twice from './a'; export const n = twice(1);",
    "a.js": "module.exports = (x) => 2 * x;",
  });
  expect(await edit({ "a.js": "module.exports = (x) => 3 * x;" })).toEqual(did("a.js", "index.ts"));
  expect(index.n).toBe(3);
});

test("files of a cycle that take values of each other run together", async () => {
  const files = {
    "index.ts":
      "import { b } from './b'; export function f() { return 1; } export const a = b + 1;",
    "b.ts": "import { f } from './index'; export const b = f();",
  };
  const index = await open(files);
  expect(index.a).toBe(2);
  const changed = await edit({ "index.ts": files["index.ts"].replace("return 1", "return 10") });
  expect(new Set(changed.reloaded)).toEqual(new Set(["index.ts", "b.ts"]));
  expect(index.a).toBe(11);
  const b = await modules.import("./b", folder.path);
  await edit({ "index.ts": `${files["index.ts"].replace("return 1", "return 20")} throw 5;` });
  expect([index.a, b.b, (index as { f: () => number }).f()]).toEqual([11, 10, 10]);
});

test("quick edits of the same length are seen", async () => {
  const index = await open({ "index.ts": "export const a = 0;" });
  for (let a = 1; a <= 9; a++) {
    expect(await edit({ "index.ts": `export const a = ${a};` })).toEqual(did("index.ts"));
    expect(index.a).toBe(a);
  }
});

test("one file by two paths is one file", async () => {
  folder.write({ "lib/package.json": '{ "name": "lib", "main": "lib.ts" }', "node_modules/x": "" });
  symlinkSync("../lib", join(folder.path, "node_modules/lib"));
  const index = await open({
    "index.ts": "export { a } from 'lib'; export { b } from './lib/lib';",
    "lib/lib.ts": "export const a = {}; export const b = a;",
  });
  expect(index.a).toBe(index.b);
  expect(await edit({ "lib/lib.ts": "export const a = {}; export const b = [a];" })).toEqual(
    did("lib/lib.ts"),
  );
});
