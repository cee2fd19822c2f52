import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { writeKernelspecs } from "../peers/kernels";
import { temporaryFolder } from "../setup/temporary";
import { converse, fixtures, type Reply } from "./conversation";

// A kernel takes seconds to start, and more on a busy machine.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

// tslab's README has no cells: it points to a guide, whose features the cells named so use.
const folder = join(fixtures, "tslab");
const cells = readFileSync(join(folder, "cells.txt"), "utf8")
  .split(/^\/\/ %% /m)
  .slice(1)
  .map((cell) => {
    const [name = "", ...lines] = cell.split("\n");
    return { name, code: lines.join("\n").trim() };
  });

/** Where ours is meant to show something else than stock tslab: why, and what it shows. */
const differences: Readonly<Record<string, { because: string; ours: Partial<Visible> }>> = {
  "guide: a promise that nobody awaits": {
    because: "a result is awaited, and this one resolves to nothing",
    ours: { text: "", error: undefined },
  },
  "guide: a cell that imports that module of JSX": {
    because: "tslab types a module of JSX, but does not find it when the cell runs",
    ours: { text: "<b>drawn</b>\n" },
  },
  null: { because: "null is a result", ours: { text: "null\n" } },
  "an assignment": { because: "an assignment shows nothing", ours: { text: "" } },
  "a variable changed in a later cell": {
    because: "an earlier function goes on with the variable's old value in tslab",
    ours: { text: "5 5\n" },
  },
  "a property named as a variable of an earlier cell": {
    because: "tslab loses the variable",
    ours: { text: "{ level: 5, taken: 1 }\n" },
  },
  "an asynchronous loop": {
    because: "tslab does not see that for await awaits",
    ours: { text: "tick 1\ntick 2\n" },
  },
  "names of a cell that failed": {
    because: "what a cell declared before it failed is known",
    ours: { text: "kept\n" },
  },
  "a resource that is closed at the end of its block": {
    because: "tslab's TypeScript is older than using",
    ours: { text: "open\nclosed\n" },
  },
  "attributes of an import": {
    because: "tslab's TypeScript is older than import with",
    ours: { text: "from JSON\n" },
  },
};

/** What a reader of the notebook sees of a cell, in whichever form a kernel sends it. */
interface Visible {
  /** What it printed, then its result: a message of its own with us, printed by tslab. */
  readonly text: string;
  readonly stderr: string;
  readonly displays: Reply["displays"];
  /** The first line of the error that ended it: a message of its own with us, printed to stderr by tslab. */
  readonly error: string | undefined;
}

function visible({ stdout, stderr, displays, result, error, status }: Reply): Visible {
  const failed = status === "error";
  const message = error
    ? error.evalue.replace(/ \(TS\d+\)/g, "")
    : stderr.replace(/^.*?(?:\d+:\d+ - |\w*Error: )/s, "");
  return {
    text: stdout + (result ? `${result["text/plain"]}\n` : ""),
    stderr: failed && !error ? "" : stderr,
    displays,
    error: failed ? message.split("\n")[0] : undefined,
  };
}

const own: Visible[] = [];
const stock: Visible[] = [];
beforeAll(() => {
  const data = temporaryFolder();
  writeKernelspecs(data, ["tslab"]);
  const requests = cells.map(({ code }) => ({ execute: code }));
  own.push(...converse(folder, requests).map(visible));
  stock.push(...converse(folder, requests, { name: "tslab", data }).map(visible));
});

describe("a cell shows what it shows in tslab", () => {
  test.each(cells.map(({ name }, at) => ({ name, at })))("$name", ({ name, at }) => {
    const listed = differences[name];
    if (!listed) return expect(own[at]).toEqual(stock[at]);
    expect(own[at]).not.toEqual(stock[at]);
    expect(own[at]).toMatchObject(listed.ours);
  });

  test("each difference is of a cell, and cells have names of their own", () => {
    const names = cells.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(Object.keys(differences)));
  });

  test("they do what tslab's guide does, and 40 things more", () => {
    const guide = cells.filter(({ name }) => name.startsWith("guide: "));
    expect(guide.length).toBeGreaterThanOrEqual(23);
    expect(cells.length - guide.length).toBeGreaterThanOrEqual(40);
  });
});
