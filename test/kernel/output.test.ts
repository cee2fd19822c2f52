import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { root } from "../../src/setup/paths";
import { overheard, type Reply, type Request } from "./conversation";

// A kernel takes seconds to start, and more on a busy machine.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const requests = {
  write: {
    execute: `const told: unknown[] = [];
const full = process.stdout.write("a", () => told.push("a"));
process.stdout.write("Yg==", "base64", (error) => told.push(error));
process.stdout.write(new Uint8Array([99]));
process.stdout.end("d\\n", () => told.push("d"));
process.stdout.write("still here\\n");
await new Promise((done) => process.stderr.write("e", done));
console.log(full, told, process.stdout.isTTY, process.stdout.columns);`,
  },
  refuses: { execute: "process.stdout.write(5 as never)" },
  parts: {
    execute: `const bytes = Buffer.from("é𝒳\\n");
for (const byte of bytes) { process.stdout.write(Buffer.of(byte)); await new Promise((done) => setTimeout(done, 1)); }`,
  },
  console: {
    execute: `console.table([{ a: 1, b: "x" }]);
console.group("group"); console.log("in"); console.groupEnd(); console.log("out");
console.dir({ deep: { deeper: { deepest: { end: 1 } } } }, { depth: null });
console.error("%s has %d", "it", 3); console.time("t"); console.timeEnd("t");
console.assert(false, "asserted"); console.count("times"); console.clear();`,
  },
  overwrites: {
    execute: `for (let i = 1; i <= 5; i++) { process.stderr.write(\`\\rstep \${i}\`); await new Promise((done) => setTimeout(done, 60)); }
process.stderr.write("\\n");`,
  },
  piped: {
    execute: `import { spawn } from "node:child_process";
const child = spawn(process.execPath, ["-e", "console.log('piped ' + 'ü'.repeat(100000))"]);
child.stdout.pipe(process.stdout);
await new Promise((done) => child.on("close", done));
const own = spawn(process.execPath, ["-e", "console.error('a child inherits')"], { stdio: "inherit" });
await new Promise((done) => own.on("close", done));`,
  },
  // Before the import, which the next cell does first of all.
  talkative: { execute: 'process.env.TF_CPP_MIN_LOG_LEVEL = "0";' },
  native: {
    execute: `import { device } from "../src/engine";
console.log(device().tensorflow);
const { backend } = require("@tensorflow/tfjs-core");
try { backend().binding.loadSavedModel("/no/such/model", "serve,"); } catch { console.log("refused"); }`,
  },
  later: {
    execute: `setTimeout(() => { console.log("late"); console.error("late too"); }, 300);
void Promise.resolve().then(async () => { await new Promise((done) => setTimeout(done, 350)); console.log("later"); });
console.log("now");`,
  },
  meanwhile: {
    execute: `for (let i = 0; i < 60; i++) { console.log("mine"); await new Promise((done) => setTimeout(done, 10)); }`,
  },
} satisfies Record<string, Request>;
const replies = {} as Record<keyof typeof requests, Reply>;
let terminal: string;

beforeAll(() => {
  const heard = overheard(join(root, "notebooks"), Object.values(requests));
  terminal = heard.terminal;
  for (const [index, name] of Object.keys(requests).entries())
    replies[name as keyof typeof requests] = heard.replies[index]!;
});

test("process.stdout behaves as Node's: encodings, callbacks, bytes, and no terminal", () => {
  expect(replies.write).toMatchObject({
    status: "ok",
    stdout: "abcd\nstill here\ntrue [ 'a', null, 'd' ] false undefined\n",
    stderr: "e",
  });
  expect(replies.refuses.error).toMatchObject({
    ename: "TypeError",
    evalue: "process.stdout.write takes text or bytes, not number.",
  });
});

test("letters that come in parts are put together", () => {
  expect(replies.parts.stdout).toBe("é𝒳\n");
  expect(replies.piped.stdout).toBe(`piped ${"ü".repeat(100_000)}\n`);
});

test("the console prints tables, groups and times", () => {
  const { stdout, stderr } = replies.console;
  expect(stdout).toContain("│ (index) │ a │ b   │");
  expect(stdout).toContain("group\n  in\nout\n");
  expect(stdout).toContain("deepest: { end: 1 }");
  expect(stdout).toMatch(/t: [\d.]+ms\ntimes: 1\n$/);
  expect(stderr).toBe("it has 3\nAssertion failed: asserted\n");
});

test("lines that overwrite themselves come as they are written", () => {
  expect(replies.overwrites.stderr).toBe("\rstep 1\rstep 2\rstep 3\rstep 4\rstep 5\n");
});

test("what child processes and native code write goes to the terminal", () => {
  expect(replies.piped.stderr).toBe("");
  expect(terminal).toContain("a child inherits");
  expect(replies.native).toMatchObject({ status: "ok", stderr: "" });
  expect(replies.native.stdout).toMatch(/^2\.\d+\.\d+\nrefused\n$/);
  expect(terminal).toContain("Reading SavedModel from: /no/such/model");
});

test("late output carries the cell that started it", () => {
  expect(replies.later).toMatchObject({ stdout: "now\n", stderr: "" });
  const place = Object.keys(requests).indexOf("later");
  expect(replies.meanwhile.stdout).toBe("mine\n".repeat(60));
  const late = replies.meanwhile.late.map(({ cell, kind, text }) => ({ cell, kind, text }));
  expect(late.every(({ cell, kind }) => cell === place && kind === "stream")).toBe(true);
  expect(late.map(({ text }) => text).join("")).toBe("late\nlate too\nlater\n");
});
