import type { Random } from "./random";

/** Cells that do not end by themselves: each is interrupted. */
export const loops: Readonly<Record<string, (random: Random) => string>> = {
  "loop of the cell": (random) => {
    const body = random.pick([
      "",
      "i++",
      "console.log(i)",
      "process.stdout.write('x'.repeat(9999))",
      "process.stderr.write(String(i) + '\\r')",
      "display(i)",
      "clearOutput({ wait: true })",
      "try { throw i } catch { i++ }",
      "JSON.parse(JSON.stringify({ i }))",
    ]);
    const loop = random.pick([
      `while (true) { ${body} }`,
      `for (;;) { ${body} }`,
      `do { ${body} } while (true)`,
      `for (const x of (function* () { for (;;) yield 1 })()) { ${body} }`,
      `a: for (;;) { for (;;) { ${body}; continue a } }`,
      `while (true) { try { ${body} } finally { i++ } }`,
    ]);
    const start = random.pick(["", "await null;", "await new Promise((r) => setTimeout(r, 1));"]);
    return `let i = 0; ${start} ${loop}`;
  },
  "loop that catches": (random) =>
    random.pick([
      "for (;;) { try { for (;;) {} } catch {} }",
      "async function f() { for (;;) { try { await null; for (;;) {} } catch {} } } await f()",
      "try { for (;;) {} } finally { for (;;) {} }",
      "for (;;) { try { await new Promise((r) => setTimeout(r, 1)) } catch {} }",
    ]),
  "loop beyond the checks": (random) => {
    const start = random.pick(["", "await null;", "setTimeout(() => {}, 1);"]);
    return `${start} ${random.pick([
      'new Function("for (;;);")()',
      '(0, eval)("while (true) {}")',
      'require("vm").runInThisContext("for (;;);")',
      "/^(a+)+$/.exec('a'.repeat(50) + 'b')",
      "Array.from({ length: 1e12, get 0() { return 1 } } as any, () => 1)",
      "[1, 2].sort(() => { for (;;); })",
      "'x'.replace(/x/, () => { for (;;); })",
      "JSON.stringify({ toJSON() { for (;;); } })",
      "new Proxy({} as any, { get() { for (;;); } }).x",
      "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
    ])}`;
  },
  "loop of promises": (random) =>
    random.pick([
      "const f = (): any => Promise.resolve().then(f); await f()",
      "const g = () => queueMicrotask(g); g(); await new Promise(() => {})",
      "const n = () => process.nextTick(n); n(); await new Promise(() => {})",
      "const s = () => setImmediate(s); s(); await new Promise(() => {})",
      "for (;;) await null",
      "for await (const x of (async function* () { for (;;) yield 1 })()) {}",
      "await new Promise(() => {})",
      "await { then() {} }",
      "await { then(r: any) { for (;;); } }",
    ]),
  "loop of a timer": (random) =>
    random.pick([
      "setTimeout(() => { for (;;) {} }, 1); await new Promise(() => {})",
      "setInterval(() => console.log('tick'), 0); await new Promise(() => {})",
      "setImmediate(() => { for (;;) {} }); await new Promise(() => {})",
      "queueMicrotask(() => { for (;;) {} }); await new Promise(() => {})",
    ]),
  "loop of what is shown": (random) =>
    random.pick([
      '({ [Symbol.for("Jupyter.display")]() { for (;;); } })',
      '({ [Symbol.for("Jupyter.display")]: () => new Promise(() => {}) })',
      '({ [Symbol.for("Jupyter.display")]: async () => { for (;;) await null } })',
      '({ [Symbol.for("nodejs.util.inspect.custom")]() { for (;;); } })',
      "({ get [Symbol.toStringTag](): string { for (;;); } })",
      "new Proxy({}, { ownKeys() { for (;;); }, getOwnPropertyDescriptor() { for (;;); } })",
      "throw { get message() { for (;;); } }",
      "throw Object.defineProperty(new Error(), 'stack', { get() { for (;;); } })",
      "new (class { toString() { for (;;); } })",
      'display({ [Symbol.for("Jupyter.display")]() { for (;;); } })',
      "console.log({ get [Symbol.toStringTag](): string { for (;;); } })",
    ]),
  "input without an answer": (random) =>
    random.pick([
      "await input('name?')",
      "await Promise.all([input('a'), input('b')])",
      "for (;;) { try { await input() } catch { break } }",
    ]),
};

/** Cells that take memory until there is none. */
export const allocations: Readonly<Record<string, (random: Random) => string>> = {
  "allocation loop": (random) => {
    const size = random.int(1, 6);
    const start = random.pick(["", "await null;"]);
    return `${start} ${random.pick([
      `const a: unknown[] = []; for (;;) a.push(new Array(1e${size}).fill(0))`,
      "const a: unknown[] = []; while (true) a.push({ a: [1, 2, 3] })",
      "const m = new Map<number, object>(); for (let i = 0; ; i++) m.set(i, { i })",
      "let s = 'x'; const all: string[] = []; for (;;) { s = s + s.slice(0, 99) + Math.random(); all.push(s) }",
      "const a: unknown[] = []; for (;;) { a.push(new Array(1e5).fill(0)); await null }",
      "let o: any = {}; for (;;) o = { o, p: { o } }",
    ])}`;
  },
  "allocation beyond the checks": (random) =>
    random.pick([
      "Array.from({ length: 1e9 }, (_, i) => ({ i }))",
      "new Function('const a = []; for (;;) a.push(new Array(1e4).fill(0))')()",
      "const f = (a: any[]): any => a.concat(a).length && f(a.concat(a)); f([1, {}])",
      "const all: unknown[] = []; const f = () => { all.push(new Array(1e5).fill(1)); queueMicrotask(f) }; f(); await new Promise(() => {})",
    ]),
};
