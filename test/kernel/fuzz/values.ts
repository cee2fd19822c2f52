import type { Random } from "./random";

/** A text as a TypeScript literal: characters that terminals, JSON, HTML, UTF-8 and compilers stumble over. */
export function hostileText(random: Random): string {
  const pieces = [
    "\0",
    "\x1b[2J\x1b[31m",
    "\x9b1m",
    "\ud83d",
    "\udc00",
    "\ud83d\ude00",
    "\u2028",
    "\u202e",
    "\r",
    "\b\b",
    "\ufeff",
    "<script>",
    "</script>",
    "${",
    "`",
    "\\ud83d",
    "cell:1:1",
    "    at f (cell:1:1:1)",
    "'",
    '"',
    "%s%d%o",
    "__proto__",
  ];
  const count = random.int(1, 6);
  const text = Array.from({ length: count }, () => random.pick(pieces)).join(
    random.pick(["", "a"]),
  );
  return JSON.stringify(text);
}

const values: readonly ((random: Random) => string)[] = [
  () => "null",
  () => "Symbol()",
  (random) => `Symbol(${hostileText(random)})`,
  (random) => `${random.int(-9, 9)}n ** ${random.int(1, 9999)}n`,
  hostileText,
  (random) => `${hostileText(random)}.repeat(${random.int(1, 99_999)})`,
  () => "(() => { const a: any = { b: {} }; a.b.c = a; return a })()",
  () => "(() => { const a: any = []; for (let i = 0; i < 5; i++) a.push(a); return a })()",
  () => "(() => { const a: any = new Map(); a.set(a, a); return a })()",
  (random) =>
    `(() => { let a: any = {}; for (let i = 0; i < ${random.int(1, 99_999)}; i++) a = { a }; return a })()`,
  (random) =>
    `(() => { let a: any = []; for (let i = 0; i < ${random.int(1, 99_999)}; i++) a = [a]; return a })()`,
  () => "new Proxy({}, new Proxy({}, { get() { throw new Error('trap') } }))",
  () => "new Proxy([], { get() { throw null }, ownKeys() { throw 1 } })",
  () => "new Proxy(() => {}, { get: (_, key) => key, has: () => true })",
  () =>
    "(() => { const { proxy, revoke } = Proxy.revocable({} as any, {}); revoke(); return proxy })()",
  () =>
    "(() => { const { proxy, revoke } = Proxy.revocable((() => {}) as any, {}); revoke(); return proxy })()",
  (random) =>
    `Object.defineProperty({}, ${random.pick(["'message'", "'stack'", "'name'", "'then'", "'data'", "'toJSON'", "'constructor'", "'length'", "Symbol.toStringTag", "Symbol.iterator", "Symbol.for('nodejs.util.inspect.custom')", "Symbol.for('Jupyter.display')"])}, { get() { throw ${random.pick(["null", "1", "new Error('getter')", "Symbol()"])} }, enumerable: ${random.chance(0.5)} })`,
  (random) =>
    `{ [Symbol.for("Jupyter.display")]: ${random.pick(["1", "() => { throw null }", "async () => { throw Symbol() }", "() => null", "() => ({ 'text/html': Symbol() })", "() => ({ 'a/b': { toJSON() { throw 1 } } })", "() => new Proxy({}, { ownKeys() { throw 2 } })", "() => ({ 'application/json': 1n })", "function* () {}", "() => ({ then() { throw 3 } })", "() => ({ get data() { throw 4 } })", "() => [1, 2]", "() => ({ 'text/plain': 5, 'image/png': new Uint8Array(9) })"])} }`,
  (random) =>
    `{ ${random.pick(["toString", "valueOf", "toJSON", "then", "[Symbol.toPrimitive]", "[Symbol.iterator]", "[Symbol.for('nodejs.util.inspect.custom')]"])}() { throw ${random.pick(["null", "this", "new Error('method')"])} } }`,
  () => "Object.assign(new Error('own'), { stack: 42, message: {}, name: null })",
  (random) =>
    `Object.assign(new Error(${hostileText(random)}), { stack: ${hostileText(random)}, name: ${hostileText(random)} })`,
  () => "(() => { const e: any = new Error('loop'); e.cause = e; return e })()",
  () => "(() => { const e: any = new AggregateError([]); e.errors = [e, e]; return e })()",
  (random) =>
    `(() => { let e: any; for (let i = 0; i < ${random.int(1, 9999)}; i++) e = new Error('e' + i, { cause: e }); return e })()`,
  () => "Object.create(null)",
  () => "Object.setPrototypeOf(new Error('bare'), null)",
  () => "Object.create(Error.prototype)",
  () => "new (class extends Error { get stack(): any { throw this } })()",
  () => "Object.freeze(new Error('frozen'))",
  (random) => `new Uint8Array(${random.int(0, 5_000_000)})`,
  (random) => `new Array(${random.int(0, 2 ** 31)})`,
  (random) =>
    `Array.from({ length: ${random.int(1, 99_999)} }, (_, i) => ({ i, s: ${hostileText(random)} }))`,
  () => "{ data: [], layout: {} }",
  () => "{ data: [{ x: [NaN, Infinity, {}], type: 'none' }], layout: null }",
  () => "{ $isSeries: true, columns: [], dtypes: [], index: [], values: [[]], shape: 1 }",
  () => "{ $isSeries: false, columns: [1], dtypes: [], index: [{}], values: [null], shape: [] }",
  () =>
    "{ dataId: {}, dtype: 'x', shape: [1e9, 1e9], size: 3, isDisposed: false, dataSync() { throw 1 }, slice() { return this } }",
  () => "globalThis",
  () => "process",
  () => "require",
  () => "new Date(NaN)",
  () => "new (class { #x = 1; get [Symbol.toStringTag](): string { throw 'tag' } })()",
  () => "Promise.reject(Symbol('rejected'))",
  () => "new WeakMap()",
  () => "(function* () { for (;;) yield 1 })()",
  () => "new SharedArrayBuffer(9)",
  () => "import.meta",
];

/** An expression whose value is hard to print, throw, show or copy. */
export function hostileValue(random: Random): string {
  return random.pick(values)(random);
}
