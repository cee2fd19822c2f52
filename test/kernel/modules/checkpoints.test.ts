import ts from "typescript";
import { expect, test } from "vitest";
import { checkpoints, createCheckpoint } from "../../../src/kernel/modules/checkpoints";

const cut = new Error("cut");

function compile(text: string): string {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
    transformers: { before: [checkpoints(ts)] },
  });
  return outputText;
}

/** Runs code as the body of an async function; `stop()` asks it to end. */
async function run(body: string): Promise<unknown[]> {
  const seen: unknown[] = [];
  const check = createCheckpoint(() => {
    if (check.stop) throw cut;
  });
  const stop = () => {
    check.stop = true;
  };
  const code = `${compile(`async function main() { ${body} }`)}; return main();`;
  const main = new Function("__k", "stop", "seen", "cut", code);
  await main(check, stop, (value: unknown) => seen.push(value), cut).catch((error: unknown) => {
    if (error !== cut) throw error;
    seen.push("cut");
  });
  return seen;
}

test.each([
  ["while", "stop(); while (true) {}"],
  ["while without a block", "stop(); while (true) seen(1);"],
  ["while without a body", "stop(); while (true);"],
  ["do", "stop(); do {} while (true);"],
  ["for", "stop(); for (;;) {}"],
  ["for of", "stop(); for (const x of [1]) seen(x);"],
  ["for in", "stop(); for (const x in { a: 1 }) seen(x);"],
  ["a labelled loop", "stop(); outer: for (;;) { for (;;) continue outer; }"],
  ["await", "const x = (stop(), await 1) + 1; seen(x);"],
  ["await in an argument", "seen(await Promise.resolve(stop()));"],
  ["a nested function", "stop(); [1].map(() => { for (;;) {} });"],
  ["a method and a field", "stop(); new (class { x = (() => { for (;;) {} })(); })();"],
  ["an await that swallows", "stop(); for (;;) { try { await 1; } catch {} }"],
])("%s is cut", async (_, body) => {
  expect(await run(body)).toEqual(["cut"]);
});

test("finally runs to its end, loops and awaits too", async () => {
  const body =
    "try { stop(); for (;;) {} } finally { for (const x of [1, 2]) seen(x); seen(await 3); }";
  expect(await run(body)).toEqual([1, 2, 3, "cut"]);
});

test("code that is not to end does the same as without checks", async () => {
  const body = `
    let n = 0;
    for (let i = 0; i < 3; i++) n += i;
    outer: for (const a of [1, 2, 3]) for (const b of [1, 2]) { if (b === 2) continue outer; n += a; }
    do n++; while (n < 12)
    for await (const x of [Promise.resolve(1)]) n += x;
    seen(n); seen((await { a: { b: 1 } })?.a.b); seen(await (await (async () => async () => 7)())());
    try { await Promise.reject(5) } catch (e) { seen(e) }`;
  expect(await run(body)).toEqual([13, 1, 7, 5]);
});
