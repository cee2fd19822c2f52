import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { root } from "../../../src/setup/paths";
import { converse, type Reply, type Request } from "../conversation";

// A kernel takes seconds to start, and more on a busy machine.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const wait = "await new Promise((done) => setTimeout(done, 10));";
const requests = {
  loop: {
    execute: `for await (const x of progress(Array.from("abcdefghij").concat(Array(30).fill("z")), { label: "letters" })) { ${wait} }`,
  },
  imported: {
    execute: `import { progress as follow } from "../src/kernel";
for (const outer of follow(2, { label: "outer" })) for (const inner of progress(3, { label: "inner" }));`,
  },
  fails: {
    execute: `const hand = progress(10, { label: "hand" });
hand.set(4); hand.show({ loss: 0.5 });
throw new Error("as asked");`,
  },
  interrupted: {
    execute: `const outer = progress(9, { label: "outer" });
for (const step of progress(1e12, { label: "inner" })) if (step % 1e5 === 0) console.log("looping");`,
    interruptAt: "looping",
  },
  unused: { execute: "hand.add(); outer.add(); hand.done" },
  background: {
    execute: `const later = progress(50, { label: "later" });
const timer = setInterval(() => { later.add(); if (later.done === 50) { clearInterval(timer); later.end(); } }, 10);`,
  },
  meanwhile: {
    execute: `for await (const step of progress(70, { label: "meanwhile" })) { ${wait} }`,
  },
} satisfies Record<string, Request>;
const replies = {} as Record<keyof typeof requests, Reply>;
const texts = ({ displays }: Reply) => displays.map(({ data }) => data["text/plain"]!);

beforeAll(() => {
  const list = converse(join(root, "notebooks"), Object.values(requests));
  for (const [index, name] of Object.keys(requests).entries())
    replies[name as keyof typeof requests] = list[index]!;
});

test("a loop shows one bar in place, and its last state at the end", () => {
  const { status, displays, stderr } = replies.loop;
  expect([status, stderr]).toEqual(["ok", ""]);
  const [first, ...updates] = displays;
  expect(first!.kind).toBe("display_data");
  expect(updates.every(({ kind }) => kind === "update_display_data")).toBe(true);
  expect(updates.at(-1)!.data["text/plain"]).toMatch(/^letters {2}100 % .* 40\/40 items .* in 0:0/);
  expect(updates.at(-1)!.data["text/html"]).toContain('<progress value="100"');
  // The loop takes 0.4 s or, on a busy machine, longer; an update an item would be forty.
  expect(updates.length).toBeGreaterThan(1);
  expect(updates.length).toBeLessThan(30);
});

test("what a file imports and what a cell has is one progress", () => {
  const kinds = replies.imported.displays.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === "display_data")).toHaveLength(1);
  expect(texts(replies.imported).at(-1)).toMatch(/^outer .* 2\/2 .*\n {2}inner .* 3\/3 /);
});

test("a cell that fails or is interrupted leaves its bars as they were, stopped", () => {
  expect(replies.fails.error!.evalue).toBe("as asked");
  expect(texts(replies.fails).at(-1)).toMatch(/4\/10 steps .* stopped after 0:00 {2}loss 0.5/);
  expect(replies.interrupted.error!.ename).toBe("KeyboardInterrupt");
  expect(texts(replies.interrupted).at(-1)).toMatch(
    /^outer .* 0\/9 .* stopped after .*\n {2}inner .* stopped after/,
  );
  expect(replies.unused).toMatchObject({ status: "ok", displays: [], late: [] });
  expect(replies.unused.result).toEqual({ "text/plain": "4" });
});

test("a bar that moves after its cell has ended stays with that cell", () => {
  expect(texts(replies.background).join()).not.toContain("50/50");
  expect(texts(replies.meanwhile).join()).not.toContain("later");
  expect(texts(replies.meanwhile).at(-1)).toContain("70/70");
  const place = Object.keys(requests).indexOf("background");
  const { late } = replies.meanwhile;
  expect(late.every(({ cell }) => cell === place)).toBe(true);
  expect(late.at(-1)).toMatchObject({
    kind: "update_display_data",
    text: expect.stringMatching(/^later {2}100 % .* 50\/50 steps/),
  });
});
