import { large, oddSyntax, renames } from "./code";
import { famous, onProcess, patch } from "./patches";
import type { Random } from "./random";
import { hostileText, hostileValue } from "./values";

/** Cells that end by themselves, or must. */
export const cells: Readonly<Record<string, (random: Random) => string>> = {
  "value as result": (random) => `(${hostileValue(random)})`,
  "value thrown": (random) =>
    `${random.pick(["", "await null;"])} throw ${hostileValue(random)} as any`,
  "value printed": (random) =>
    `console.${random.pick(["log", "error", "table", "dir", "trace", "group"])}(${hostileValue(random)})`,
  "value displayed": (random) =>
    `${random.pick(["await ", ""])}display${random.pick(["", ".raw"])}(${hostileValue(random)} as any, ${random.pick(["{}", "{ id: 'd' }", `{ id: ${hostileText(random)} }`, "{ metadata: { get x() { throw 1 } } }", "null as any"])})`,
  "text written": (random) =>
    `process.${random.pick(["stdout", "stderr"])}.write(${random.pick([
      hostileText(random),
      "new Uint8Array([255, 254, 0, 27])",
      "Buffer.from([0xf0, 0x9f])",
      "null as any",
      "{} as any",
      "''",
    ])})`,
  "50 MB": (random) => {
    const text = `${random.pick(["'x'", "'\\n'", "'\\0'", "'\\ud83d'", "'é'", "'<&'", "'\\x1b[31m'"])}.repeat(${random.int(40, 50)} * 2 ** 20)`;
    return random.pick([
      `const s = ${text}; s`,
      `console.log(${text})`,
      `throw new Error(${text})`,
      `throw ${text}`,
      `display(${text})`,
      `display.raw({ "text/html": ${text} })`,
      `({ [Symbol.for("Jupyter.display")]: () => ({ "text/html": ${text} }) })`,
      `({ a: ${text} })`,
      `Object.assign(new Error("x"), { stack: ${text} })`,
      `new Uint8Array(50 * 2 ** 20)`,
    ]);
  },
  recursion: (random) => {
    const start = random.pick(["", "await null;"]);
    return `${start} ${random.pick([
      "const f = (): any => f(); f()",
      "const f = (): any => 1 + f(); try { f() } finally { f() }",
      "const f: any = (n: number) => g(n), g: any = (n: number) => f(n + 1); f(0)",
      "const o = { get a(): any { return this.a } }; o.a",
      "class A { toString(): string { return String(this) } } String(new A())",
      "JSON.stringify({ toJSON() { return JSON.stringify(this) } })",
      "const p: any = new Proxy({}, { get: (_, k, r) => r[k] }); p.x",
      "const p: any = new Proxy({}, {}); Object.setPrototypeOf(p, p)",
      "const f = async (): Promise<any> => f(); await f()",
      "class B { constructor() { new B() } } new B()",
      "let f = () => {}; for (let i = 0; i < 1e5; i++) { const g = f; f = () => g() } f()",
      "eval('('.repeat(1e5))",
      "new RegExp('('.repeat(1e5) + ')'.repeat(1e5))",
    ])}`;
  },
  "built-in patched": patch,
  "built-in patched, famous": (random) => random.pick(famous),
  "built-ins patched, then used": (random) =>
    `${random.pick([patch(random), random.pick(famous)])}; ${random.pick([
      "console.log('after')",
      "await null; console.log('after')",
      "setTimeout(() => console.log('late'), 1)",
      "display(1)",
      "throw new Error('after')",
      "[1, 2].map((x) => x)",
      "await new Promise((r) => setTimeout(r, 1))",
      "({ a: 1 })",
    ])}`,
  process: (random) => random.pick(onProcess),
  "process, then a stray": (random) =>
    `${random.pick(onProcess)}; ${random.pick(["setTimeout(() => { throw null })", "Promise.reject(undefined)", "queueMicrotask(() => { throw 1 })", "process.nextTick(() => { throw 1 })"])}`,
  "rejections by the thousand": (random) =>
    `for (let i = 0; i < ${random.int(100, 3000)}; i++) void Promise.reject(${random.pick(["i", "new Error('r' + i)", "null", "Symbol()", hostileValue(random)])})`,
  "timers by the thousand": (random) =>
    `for (let i = 0; i < ${random.int(100, 20_000)}; i++) ${random.pick(["setTimeout", "setImmediate"])}(() => { ${random.pick(["", "", "console.log(i)", "if (i % 500 === 0) throw i", "if (i % 500 === 0) Promise.reject(i)"])} }, ${random.pick(["0", "i % 7", "-1", "NaN", "Infinity", "'3'"])} as number)`,
  "timers that are none": (random) =>
    `(${random.pick(["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "process.nextTick"])} as any)(${random.pick(["null", "'code'", "{}", "1", "Symbol()", "() => { throw new Error('t') }"])}, ${random.pick(["1", "{}", "Symbol()", "1n"])})`,
  "large code": large,
  "names of the kernel": renames,
  "odd syntax": (random) => random.pick(oddSyntax),
  "printed much": (random) =>
    `for (let i = 0; i < ${random.int(1000, 20_000)}; i++) ${random.pick(["console.log(i)", "console.error('x'.repeat(99))", "process.stdout.write('\\r' + i)"])}`,
  "displayed much": (random) =>
    `for (let i = 0; i < ${random.int(100, 1500)}; i++) ${random.pick(["display(i)", "display.raw({ 'text/plain': String(i) })", "display({ i }, { id: 'same' })", "clearOutput()"])}`,
};
