import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { converse, type Reply, type Request } from "./conversation";
import { createFolder } from "./files";

// A kernel takes seconds to start, and more on a busy machine.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const folder = createFolder({
  "tsconfig.json": "{}",
  "src/index.ts": `/** Says a word. */
export function sayWord(word: "yes" | "no"): string { return word + "!"; }`,
  "notebooks/.keep": "",
});
const line = 'import { sayWord } from "../src";';

const requests = {
  declares: { execute: "/** Rows at most. */\nconst limit = 5;" },
  earlier: { complete: "'😀'; lim", at: 8 },
  exported: { complete: "'😀'; sayW + 1", at: 9 },
  union: { complete: "sayWord('", at: 9 },
  path: { complete: 'import x from "../s', at: 19 },
  inspects: { inspect: "'😀'; limit", at: 7, detail: 1 },
  calls: { inspect: "'😀'; sayWord(", at: 13 },
  unimported: { execute: "sayWord('yes')" },
  imported: { execute: `${line} sayWord('yes')` },
} satisfies Record<string, Request>;

const replies = {} as Record<keyof typeof requests, Reply>;
beforeAll(() => {
  const list = converse(join(folder.path, "notebooks"), Object.values(requests));
  for (const [index, name] of Object.keys(requests).entries())
    replies[name as keyof typeof requests] = list[index]!;
});
afterAll(() => folder.delete());

test("completion counts code points and says types and signatures", () => {
  expect(replies.earlier).toMatchObject({ matches: ["limit"], cursor_start: 5, cursor_end: 8 });
  expect(replies.earlier.metadata).toEqual({
    _jupyter_types_experimental: [
      { start: 5, end: 8, text: "limit", type: "instance", signature: "5" },
    ],
  });
  expect(replies.union.matches).toEqual(["yes", "no"]);
  expect(replies.path.matches).toEqual(["src"]);
});

test("inspection gives Markdown and plain text, with the source where it is asked for", () => {
  expect(replies.inspects.data).toEqual({
    "text/plain": "const limit: 5\n\nRows at most.\n\nconst limit = 5;",
    "text/markdown":
      "```typescript\nconst limit: 5\n```\n\nRows at most.\n\n```typescript\nconst limit = 5;\n```",
  });
  expect(replies.calls.data["text/plain"]).toBe(
    `sayWord(word: "yes" | "no"): string\n\n${line}\n\nSays a word.\n\nHere: word: "yes" | "no"`,
  );
});

test("a name of src that is not imported is completed, and running it says the import that runs", () => {
  expect(replies.exported).toMatchObject({ matches: ["sayWord"], cursor_start: 5, cursor_end: 9 });
  expect(replies.exported.metadata).toEqual({
    _jupyter_types_experimental: [
      { start: 5, end: 9, text: "sayWord", type: "function", signature: line },
    ],
  });
  expect(replies.unimported.error!.evalue).toBe(
    `Cannot find name 'sayWord'. Import it: ${line} (TS2304)`,
  );
  expect(replies.imported.result).toEqual({ "text/plain": "yes!" });
});
