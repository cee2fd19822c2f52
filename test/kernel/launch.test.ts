import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { root } from "../../src/setup/paths";
import { converse, type Reply, type Request } from "./conversation";

// A kernel takes seconds to start, and more on a busy machine.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const importing =
  'import { kernelSpec } from "../src/kernel"; const home = { project: "", kernel: "" }; ';
const completing = `${importing}kernelSpec('', home).dis`;

const requests = {
  imports: { execute: `${importing}console.log(kernelSpec('', home).display_name)` },
  mistyped: { execute: "const wrong: number = kernelSpec('', home).display_name;" },
  misspelt: { execute: 'import { kernelSpecs } from "../src/kernel";' },
  missing: { execute: 'import { nothing } from "../src/nothing";' },
  completes: { complete: completing, at: completing.length },
  inspects: { inspect: completing.replace("dis", "display_name"), at: importing.length + 3 },
  awaits: { execute: "const later = await Promise.resolve(7);\nlater" },
  declares: { execute: "const task = 5; let count = 1;" },
  shortens: {
    execute: "const both = { task, count }; ({ count } = { count: 9 }); console.log(both, count);",
  },
  shows: {
    execute: `import { show } from "../src/kernel/api/display";
await show({ [Symbol.for("Jupyter.display")]: () => ({ "text/plain": "t", "image/png": "iVBO", "text/html": "<b>h</b>" }) });
await show({ plain: 1 })`,
  },
} satisfies Record<string, Request>;

describe("a cell of a notebook in notebooks/", () => {
  const replies = {} as Record<keyof typeof requests, Reply>;
  beforeAll(() => {
    const list = converse(join(root, "notebooks"), Object.values(requests));
    for (const [index, name] of Object.keys(requests).entries())
      replies[name as keyof typeof requests] = list[index]!;
  });

  test("imports ../src and runs it", () => {
    expect(replies.imports.stderr).toBe("");
    expect(replies.imports.stdout).toBe("TypeScript (peftlab)\n");
  });

  test("is checked against the types of src", () => {
    expect(replies.mistyped.status).toBe("error");
    expect(replies.mistyped.error!.evalue).toContain(
      "Type 'string' is not assignable to type 'number'",
    );
    expect(replies.misspelt.error!.evalue).toContain("Did you mean 'kernelSpec'?");
    expect(replies.missing.error!.evalue).toContain("Cannot find module '../src/nothing'");
  });

  test("completes members of what it imports, at the places of the cell as written", () => {
    expect(replies.completes.matches[0]).toBe("display_name");
    expect(replies.completes.cursor_start).toBe(completing.length - 3);
    expect(replies.completes.cursor_end).toBe(completing.length);
  });

  test("inspects what it imports", () => {
    expect(replies.inspects.data["text/plain"]).toContain(
      "kernelSpec(folder: string, home: KernelHome",
    );
  });

  test("awaits at the top level", () => {
    expect(replies.awaits.result).toEqual({ "text/plain": "7" });
  });

  test("names variables of earlier cells as properties of the same name", () => {
    expect(replies.shortens).toMatchObject({ status: "ok", stdout: "{ task: 5, count: 1 } 9\n" });
  });

  test("shows a value in all its forms, and prints what has none", () => {
    expect(replies.shows.displays.map(({ data }) => data)).toEqual([
      { "text/plain": "t", "image/png": "iVBO", "text/html": "<b>h</b>" },
    ]);
    expect(replies.shows.stdout).toBe("{ plain: 1 }\n");
  });
});

test("a notebook in the project's folder imports ./src", () => {
  const [reply] = converse(root, [
    { execute: 'import { kernelName } from "./src/kernel"; kernelName' },
  ]);
  expect(reply!.result!["text/plain"]).toBe("peftlab");
});
