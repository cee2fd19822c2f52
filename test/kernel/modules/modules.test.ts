import { execFileSync } from "node:child_process";
import { readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createCheckpoint } from "../../../src/kernel/modules/checkpoints";
import { CompileError } from "../../../src/kernel/modules/compile-file";
import { createModules, type Modules } from "../../../src/kernel/modules/modules";
import { openProject } from "../../../src/kernel/modules/project";
import { createFolder, type Folder } from "../files";

let folder: Folder;
let modules: Modules;

function open(files: Readonly<Record<string, string>>): void {
  folder.write(files);
  modules = createModules(openProject(folder.path));
}
const load = (specifier: string) => modules.import(specifier, folder.path);

interface Loaded {
  readonly names: readonly string[];
  readonly value: unknown;
  /** Whether TypeScript was loaded. */
  readonly compiler: boolean;
  readonly refreshed: { readonly [K in "reloaded" | "failed" | "kept"]: readonly unknown[] };
}

function loadAlone(specifier: string, from: string): Loaded {
  const script = join(__dirname, "../../fixtures/kernel/load-modules.ts");
  const out = execFileSync(process.execPath, ["--import", "tsx", script, from, specifier], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(out.trim().split("\n").at(-1) ?? "") as Loaded;
}

beforeEach(() => {
  folder = createFolder();
});
afterEach(() => folder.delete());

describe("finds", () => {
  test.each([
    ["a file", "./a.ts"],
    ["without extension", "./a"],
    ["by its JavaScript name", "./a.js"],
    ["a folder's index", "./folder"],
    ["a folder with a slash", "./folder/"],
    ["a dotted name", "./config.base"],
    ["JavaScript", "./plain"],
    ["tsx", "./view"],
    ["mts", "./module.mjs"],
    ["an alias", "@/a"],
    ["an exact alias", "the-a"],
    ["a subpath import", "#inner/a"],
    ["a workspace package", "workspace"],
    ["a subpath of its exports", "workspace/deep/a"],
  ])("%s: %s", async (_, specifier) => {
    open({
      "tsconfig.json": `{
        // with comments
        "compilerOptions": { "paths": { "@/*": ["./inner/*"], "the-a": ["./inner/a.ts"], } } }`,
      "package.json": '{ "imports": { "#inner/*": "./inner/*.ts" } }',
      "a.ts": "export const value: string = 'found'",
      "inner/a.ts": "export const value = 'found'",
      "folder/index.ts": "export * from '../a'",
      "config.base.ts": "export { value } from './a'",
      "plain.js": "export const value = 'found'",
      "view.tsx":
        "const React = { createElement: (x: string) => x }; export const value = <found/>",
      "module.mts": "export const value = 'found'",
      "packages/workspace/package.json": `{ "name": "workspace",
        "exports": { ".": { "import": "./main.ts" }, "./deep/*": "./lib/*.ts" } }`,
      "packages/workspace/main.ts": "export const value: string = 'found'",
      "packages/workspace/lib/a.ts": "export const value: string = 'found'",
      "node_modules/.keep": "",
    });
    symlinkSync("../packages/workspace", join(folder.path, "node_modules/workspace"));
    expect((await load(specifier)).value).toBe("found");
  });

  test("nothing, and says what and from where", async () => {
    open({ "a.ts": "export * from './missing'" });
    await expect(load("./a")).rejects.toThrow(/Cannot find module '.\/missing' from /);
    await expect(load("no-such-package")).rejects.toMatchObject({ code: "MODULE_NOT_FOUND" });
  });
});

describe("packages", () => {
  const packages = {
    "node_modules/only-import/package.json": `{ "name": "only-import", "type": "module",
      "exports": { "import": "./index.js" } }`,
    "node_modules/only-import/index.js":
      "export const value = await Promise.resolve(5); export default 'default';",
    "node_modules/common/package.json": '{ "name": "common" }',
    "node_modules/common/index.js": "module.exports = { value: 6, twice: (x) => 2 * x };",
  };

  test("that only import() can load, top-level await included, are there for static imports", async () => {
    open({
      ...packages,
      "a.ts": "export * from './b'",
      "b.ts": `import word, { value } from 'only-import'; import * as all from 'only-import';
        export const found = [word, value, all.value]`,
    });
    // In a process of its own: vitest changes what its own import() gives.
    expect(loadAlone("./a", folder.path).value).toEqual(["default", 5, 5]);
    expect(loadAlone("only-import", folder.path).names).toEqual(["default", "value"]);
  });

  test("of CommonJS have a default and names, the same for cells and files", async () => {
    open({
      ...packages,
      "a.ts": `import common, { twice } from 'common'; import * as all from 'common';
        export const found = [common.value, twice(2), all.twice === twice];
        export const later = async () => (await import('common')).twice === twice;
        export { twice };`,
    });
    const a = await load("./a");
    expect(a.found).toEqual([6, 4, true]);
    expect(await (a.later as () => Promise<boolean>)()).toBe(true);
    expect((await load("common")).twice).toBe(a.twice);
    expect(modules.requireFrom(folder.path)("common")).toHaveProperty("value", 6);
  });

  test("of Node", async () => {
    open({ "a.ts": "import fs, { readFileSync } from 'node:fs'; export { fs, readFileSync }" });
    const { fs, readFileSync } = await load("./a");
    expect((await load("fs")).readFileSync).toBe(readFileSync);
    expect((fs as Record<string, unknown>).readFileSync).toBe(readFileSync);
  });
});

test("JSON is its value, its keys and its default", async () => {
  open({
    "data.json": '{ "a": 1, "b": [2] }',
    "list.json": "[1, 2]",
    "a.ts": `import data, { a } from './data.json'; import * as all from './data.json';
      import list from './list.json'; import old = require('./data.json');
      export const found = [a, data.a, all.a, all.default.a, old.a, list.length];`,
  });
  expect((await load("./a")).found).toEqual([1, 1, 1, 1, 1, 2]);
  expect({ ...(await load("./data.json")) }).toEqual({ a: 1, b: [2], default: { a: 1, b: [2] } });
  expect((await load("./list.json")).default).toEqual([1, 2]);
});

test("CommonJS files keep what they put into module.exports", async () => {
  open({
    "a.js": "module.exports = function twice(x) { return 2 * x; }; module.exports.own = 1;",
    "b.ts": "import twice from './a'; import * as all from './a'; export const n = twice(all.own);",
  });
  expect((await load("./b")).n).toBe(2);
  expect(modules.requireFrom(folder.path)("./a")).toBeTypeOf("function");
});

test("stricter options of the project change nothing in how files run", async () => {
  open({
    "tsconfig.json": `{ "compilerOptions": { "verbatimModuleSyntax": true, "module": "nodenext",
      "moduleResolution": "nodenext", "target": "esnext", "jsx": "preserve", "importHelpers": true,
      "isolatedDeclarations": true, "declaration": true, "composite": true, "outDir": "out" } }`,
    "a.ts":
      "import { type B, b } from './b.js'; import type { C } from './c.js'; export const a: B | C = b;",
    "b.ts": "export type B = 1; export const b: B = 1; export * as self from './b.js';",
    "old.ts": "class Old { x = 1; } export = Old;",
    "new.ts": "import Old = require('./old'); export const x: number = new Old().x;",
  });
  expect([(await load("./a")).a, (await load("./new")).x]).toEqual([1, 1]);
});

test("cycles work as in Node", async () => {
  open({
    "a.ts":
      "import { b } from './b'; export const a = () => 'a'; export function hoisted() { return b; }",
    "b.ts":
      "import { a, hoisted } from './a'; export const b = typeof hoisted; export const later = () => a();",
    "index.ts": "export * from './a'; export * from './b';",
  });
  const { b, later, hoisted } = (await load(".")) as Record<string, () => unknown>;
  expect([b, later?.(), hoisted?.()]).toEqual(["function", "a", "function"]);
});

test("a file runs once and everyone has the same exports, `let` live", async () => {
  open({
    "a.ts": "export let n = 0; export const next = () => ++n;",
    "b.ts": "export * from './a'",
  });
  const [a, b] = [await load("./a"), await load("./b")];
  (a.next as () => void)();
  expect([a.n, b.n, a.next === b.next, await load("./a")]).toEqual([1, 1, true, a]);
  expect(inspect(a)).toContain("n: 1");
});

test("import() within a file goes through the loader", async () => {
  open({ "a.ts": "export const get = () => import('./b');", "b.ts": "export const value = 1;" });
  const { get } = (await load("./a")) as { get: () => Promise<unknown> };
  expect(await get()).toBe(await load("./b"));
});

test("errors lead to the text", async () => {
  open({
    "a.ts":
      "interface Long {\n  x: number;\n}\n\nexport function fail(x: Long): never {\n  throw new Error(String(x));\n}\n",
  });
  const { fail } = (await load("./a")) as { fail: (x: unknown) => never };
  let stack = "";
  try {
    fail({});
  } catch (error) {
    stack = (error as Error).stack ?? "";
  }
  const place = /\((.*a\.ts):(\d+):(\d+)\)/.exec(stack) ?? [];
  const [file = "", line, column] = place.slice(1);
  expect(modules.map(file, Number(line), Number(column))).toEqual({
    file: join(folder.path, "a.ts"),
    line: 6,
    column: 9,
  });
  expect(modules.source(file)).toContain("interface Long");
  expect(modules.map("elsewhere.js", 1, 1)).toBeUndefined();
});

test("what is no TypeScript, and await outside functions, name their place", async () => {
  open({ "a.ts": "export const a = 1;\nexport const = 2;", "b.ts": "\n await 1; export {};" });
  await expect(load("./a")).rejects.toMatchObject({ line: 2, column: 14, code: 1134 });
  await expect(load("./b")).rejects.toThrow(CompileError);
  await expect(load("./b")).rejects.toMatchObject({ line: 2, column: 2 });
});

test("a file that failed runs anew when it is imported again", async () => {
  open({ "a.ts": "import './b'; export const a = 1;", "b.ts": "throw new Error('b');" });
  await expect(load("./a")).rejects.toThrow("b");
  folder.write({ "b.ts": "export {};" });
  expect((await load("./a")).a).toBe(1);
});

test("given modules are not loaded", async () => {
  folder.write({ "a.ts": "import { x } from 'given'; import { y } from './b'; export { x, y }" });
  folder.write({ "b.ts": "throw new Error('not to be run')" });
  const given = new Map([
    ["given", { x: 1 }],
    [join(folder.path, "b.ts"), { y: 2 }],
  ]) as ReadonlyMap<string, unknown>;
  modules = createModules(openProject(folder.path), { given: (name) => given.get(name) });
  expect({ ...(await load("./a")) }).toEqual({ x: 1, y: 2 });
});

test("loops in loaded files are cut", async () => {
  folder.write({ "a.ts": "export function spin() { for (;;) {} }" });
  const checkpoint = createCheckpoint(() => {
    throw new Error("cut");
  });
  modules = createModules(openProject(folder.path), { checkpoint });
  const { spin } = (await load("./a")) as { spin: () => void };
  checkpoint.stop = true;
  expect(spin).toThrow("cut");
});

test("what was compiled is kept by content and options", async () => {
  const kept = () => readdirSync(join(folder.path, "node_modules/.cache/peftlab-kernel")).length;
  open({ "a.ts": "export const a: number = 1;" });
  await load("./a");
  const first = kept();
  open({});
  expect([(await load("./a")).a, kept()]).toEqual([1, first]);
  open({ "tsconfig.json": '{ "compilerOptions": { "target": "es2020" } }' });
  expect([(await load("./a")).a, kept() > first]).toEqual([1, true]);
});

test("this project loads, from the cache without TypeScript", () => {
  const from = join(__dirname, "../../../notebooks");
  const cold = loadAlone("../src", from);
  expect(cold.names).toEqual(expect.arrayContaining(["train", "peft", "tasks"]));
  const warm = loadAlone("../src", from);
  expect(warm.names).toEqual(cold.names);
  expect(warm.compiler).toBe(false);
  expect(warm.refreshed).toEqual({ reloaded: [], failed: [], kept: [] });
});
