import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { applyEdits } from "../../src/kernel/edits";
import { specifierEdits } from "../../src/kernel/specifiers";
import { root } from "../../src/setup/paths";

function map(code: string, folder = "notebooks", cursor?: number) {
  const specifiers = ts
    .preProcessFile(code, true, true)
    .importedFiles.map(({ fileName, pos }) => ({ name: fileName, start: pos }));
  return applyEdits(
    code,
    specifierEdits(code, specifiers, { folder: join(root, folder), root }),
    cursor,
  );
}

test.each([
  // A room, a module of it, from the folder of notebooks, below it and above it.
  ['import { show } from "../src/kernel";', 'import { show } from "@peftlab/src/kernel";'],
  [
    "import * as k from '../src/kernel/display'",
    "import * as k from '@peftlab/src/kernel/display'",
  ],
  ['import "../src/kernel/"', 'import "@peftlab/src/kernel"'],
  [
    'import type { Bundle } from "../src/kernel";',
    'import type { Bundle } from "@peftlab/src/kernel";',
  ],
  ['export * from "../src/kernel";', 'export * from "@peftlab/src/kernel";'],
  ['const k = await import("../src/kernel");', 'const k = await import("@peftlab/src/kernel");'],
  ['const k = require("../src/kernel");', 'const k = require("@peftlab/src/kernel");'],
  [
    'import a from "../src/engine"; import b from "../src/kernel";',
    'import a from "@peftlab/src/engine"; import b from "@peftlab/src/kernel";',
  ],
  // What is no module of src stays: packages, neighbours of the notebook, files that are not there, escapes.
  ['import { z } from "zod";', undefined],
  ['import { x } from "./helpers";', undefined],
  ['import { x } from "../test/kernel/conversation";', undefined],
  ['import { x } from "../src/nothing";', undefined],
  ['import { x } from "../srcs/kernel";', undefined],
  ['import { x } from "src/kernel";', undefined],
  ['import { x } from "../src/k\\u0065rnel";', undefined],
  // And so does what only looks like an import.
  ['const text = "../src/kernel";', undefined],
  ['// import { show } from "../src/kernel";', undefined],
  ["const text = `import { show } from '../src/kernel'`;", undefined],
])("%s", (written, mapped = written) => {
  expect(map(written).code).toBe(mapped);
});

test.each([
  [".", 'import "./src/kernel"', 'import "@peftlab/src/kernel"'],
  ["src", 'import "./kernel"', 'import "@peftlab/src/kernel"'],
  ["src/kernel", 'import "../engine"', 'import "@peftlab/src/engine"'],
  ["notebooks/mine/deep", 'import "../../../src/kernel"', 'import "@peftlab/src/kernel"'],
  // Outside the project the package would not resolve.
  ["../elsewhere", 'import "../main/src/kernel"', 'import "../main/src/kernel"'],
])("from %s: %s", (folder, written, mapped) => {
  expect(map(written, folder).code).toBe(mapped);
});

test("a cursor keeps its place behind mapped specifiers", () => {
  const code = 'import { show } from "../src/kernel";\nshow';
  const { code: mapped, cursor } = map(code, "notebooks", code.length - 2);
  expect(mapped.slice(cursor)).toBe("ow");
  expect(map(code, "notebooks", 3).cursor).toBe(3);
});

test("the specifier that is being typed stays", () => {
  const code = 'import { show } from "../src/kernel";';
  const cursor = code.indexOf("kernel");
  expect(map(code, "notebooks", cursor)).toEqual({ code, cursor });
});
