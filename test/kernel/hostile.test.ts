import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Client, type Received } from "./client";

// Cells that once ended the kernel or left it dead to all requests: what the seeded campaign in fuzz/ found.

const folder = mkdtempSync(join(tmpdir(), "peftlab-hostile-"));
let client: Client;
beforeAll(async () => {
  writeFileSync(join(folder, "tsconfig.json"), "{}");
  // A small heap is full soon.
  client = new Client(folder, { env: { NODE_OPTIONS: "--max-old-space-size=512" } });
  await client.ready();
});
afterAll(() => {
  client.end();
  rmSync(folder, { recursive: true });
});

const run = (code: string) => client.ask("execute_request", { code });

const textOf = (seen: readonly Received[]) =>
  seen.find(({ header }) => header.msg_type === "execute_result")?.content.data;

/** The next cell works. */
async function expectAlive(): Promise<void> {
  const { reply, seen } = await run("1 + 1");
  expect(reply?.content, client.ended ?? client.terminal).toMatchObject({ status: "ok" });
  expect(textOf(seen)).toMatchObject({ "text/plain": "2" });
}

test.each([
  ["closing standard output", 'require("fs").closeSync(1)', "Closing file 1 would end the kernel"],
  [
    "closing standard error, as a module does",
    'import { closeSync } from "node:fs"; closeSync(2)',
    "Closing file 2 would end the kernel",
  ],
  [
    "taking errors from the kernel",
    "process.setUncaughtExceptionCaptureCallback(() => {})",
    "process.setUncaughtExceptionCaptureCallback() would end the kernel",
  ],
  [
    "replacing what Node calls of its own functions",
    "Function.prototype.apply = null as any",
    "Function.prototype.apply cannot be replaced",
  ],
])("%s is refused", async (_, code, message) => {
  const { reply } = await run(code);
  expect(reply?.content.evalue).toContain(message);
  await expectAlive();
});

test.each([
  ["without listeners", "process.removeAllListeners();"],
  ["with a listener that throws", "process.on('uncaughtException', () => { throw 1 });"],
  ["without a way to tell", "(process as any).emit = null;"],
])("an error that nobody catches is shown %s", async (_, code) => {
  const shown = client.waitFor(({ content }) => content.evalue === "stray", 60_000);
  await run(`${code} setTimeout(() => { throw new Error("stray") }); void Promise.reject(0)`);
  expect(await shown).toMatchObject({ header: { msg_type: "error" } });
  await expectAlive();
});

test("code that fills the heap is ended, and the heap is free again", async () => {
  for (let time = 0; time < 2; time++) {
    const { reply } = await run(
      "const all: unknown[] = []; for (;;) all.push(new Array(1e4).fill(0))",
    );
    expect(reply?.content).toMatchObject({ status: "error", ename: "OutOfMemoryError" });
    await expectAlive();
  }
});

test("cells have the built-ins that they patched, and the kernel has the true ones", async () => {
  await run("Array.prototype.map = () => [5] as any; JSON.stringify = null as any");
  const { seen } = await run("[1, 2].map((x) => x).length + String(JSON.stringify)");
  expect(textOf(seen)).toMatchObject({ "text/plain": "1null" });
});

test.each([
  ["the process", "(globalThis as any).process = () => {}"],
  ["what is awaited", "(Object.prototype as any).then = (f: any) => f(3)"],
  ["what it froze then", "Object.entries = Object.keys = null as any; Object.freeze(Object)"],
  ["promises", "Promise.prototype.then = () => { throw null }"],
  ["what all objects have", "(Object.prototype as any).get = () => 1"],
  [
    "what all arrays have",
    "Object.defineProperty(Object.prototype, '0', { get: () => 1, set() { throw 2 }, configurable: true })",
  ],
  ["messages", "require('worker_threads').MessagePort.prototype.postMessage = null"],
  ["timers", "require('timers').setTimeout = globalThis.queueMicrotask = null as any"],
  [
    "everything global",
    "for (const k of Object.getOwnPropertyNames(globalThis)) if (k !== 'globalThis') try { delete (globalThis as any)[k] } catch {}",
  ],
])("the kernel works when a cell has patched %s", async (_, code) => {
  await run(code);
  await expectAlive();
});
