import { inspect } from "node:util";
import { expect, test } from "vitest";
import { bundleOf, checkedBundle } from "../../../src/kernel/values/bundle";

const display = Symbol.for("Jupyter.display");

async function textOf(value: unknown): Promise<unknown> {
  return (await bundleOf(value)).bundle.data["text/plain"];
}

test("undefined has nothing to show, null has", async () => {
  expect((await bundleOf(undefined)).bundle.data).toEqual({});
  expect(await bundleOf(null)).toEqual({
    bundle: { data: { "text/plain": "null" }, metadata: {} },
  });
});

test.each([
  "a string\nof two lines",
  "",
  5,
  -0,
  12n,
  Symbol("s"),
  true,
  { a: 1, b: { c: { d: { e: 1 } } } },
  [1, "x", null],
  new Map([["k", { v: 1 }]]),
  new Set([1, 2]),
  new Float32Array(3),
  new Date(0),
  /x/g,
  function named() {},
  class A extends Map {},
  Promise.resolve(1),
  Object.create(null),
  Array.from({ length: 150 }, (_, index) => index),
])("the text of a value is what console.log prints: %o", async (value) => {
  const printed = typeof value === "string" ? value : inspect(value);
  expect(await textOf(value)).toBe(printed);
});

test("objects and functions have coloured HTML, primitives have none", async () => {
  for (const value of [{ a: 1 }, [], () => 1, new Error("x"), new Map()]) {
    const { data } = (await bundleOf(value)).bundle;
    expect(data["text/html"]).toMatch(/^<pre /);
    expect(data["text/plain"]).not.toContain("\x1b");
  }
  for (const value of [1, "x", null, true, 2n, Symbol("s")]) {
    expect(Object.keys((await bundleOf(value)).bundle.data)).toEqual(["text/plain"]);
  }
});

test("a display method gives the bundle, asynchronous and of a class too", async () => {
  const shows = { [display]: () => ({ "text/html": "<b>1</b>", "text/plain": "one" }) };
  expect((await bundleOf(shows)).bundle.data).toEqual({
    "text/html": "<b>1</b>",
    "text/plain": "one",
  });
  class Late {
    async [display]() {
      return {
        data: { "image/png": new Uint8Array([1, 2]) },
        metadata: { "image/png": { width: 5 } },
      };
    }
  }
  expect(await bundleOf(new Late())).toEqual({
    bundle: {
      data: { "image/png": "AQI=", "text/plain": "Late {}" },
      metadata: { "image/png": { width: 5 } },
    },
  });
  const callable = Object.assign(() => 1, { [display]: () => ({ "text/plain": "f" }) });
  expect(await textOf(callable)).toBe("f");
});

test("a display method that throws, or gives no bundle, is a failure beside the text", async () => {
  const error = new Error("no");
  const throwing = [
    () => {
      throw error;
    },
    () => Promise.reject(error),
  ];
  for (const method of throwing) {
    const shown = await bundleOf({ [display]: method });
    expect(shown.failure).toBe(error);
    expect(shown.bundle.data["text/plain"]).toContain("Jupyter.display");
  }
  const wrong = [undefined, null, 5, "x", [], { html: "x" }, { "application/json": 1n }];
  for (const raw of wrong) {
    const shown = await bundleOf({ [display]: () => raw });
    expect(shown.failure).toBeInstanceOf(TypeError);
    expect(Object.keys(shown.bundle.data)).toEqual(["text/plain"]);
  }
  const undefinedThrown = await bundleOf({ [display]: () => Promise.reject(undefined) });
  expect(undefinedThrown.failure).toBeInstanceOf(Error);
});

test("a display method that never ends is ended", async () => {
  const endless = [
    () => {
      for (;;);
    },
    () => new Promise(() => {}),
    () => ({
      get "text/plain"() {
        for (;;);
      },
    }),
  ];
  for (const method of endless) {
    const shown = await bundleOf({ [display]: method }, { limit: 50 });
    expect(String(shown.failure)).toContain("within 0.05 seconds");
    expect(Object.keys(shown.bundle.data)).toEqual(["text/plain"]);
  }
  const controller = new AbortController();
  const waiting = bundleOf({ [display]: endless[1] }, { signal: controller.signal });
  controller.abort(new Error("interrupted"));
  expect((await waiting).failure).toEqual(new Error("interrupted"));
});

test("Proxies that answer every name are not asked to show themselves", async () => {
  const everything: object = new Proxy(() => {}, { get: () => () => 1, apply: () => 1 });
  const shown = await bundleOf(everything);
  expect(shown).not.toHaveProperty("failure");
  expect(shown.bundle.data["text/plain"]).toContain("Function");
});

const throws = () => {
  throw new Error("trap");
};
const traps = {
  get: throws,
  has: throws,
  ownKeys: throws,
  getPrototypeOf: throws,
  getOwnPropertyDescriptor: throws,
};
const circular: Record<string, unknown> = { name: "c" };
circular.self = circular;
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();
const wide = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`k${index}`, index]));

test.each<[string, unknown]>([
  ["Proxy that throws", new Proxy({}, traps)],
  ["Proxy of one", new Proxy(new Proxy({}, traps), traps)],
  ["Proxy inside", { inside: [new Proxy(class {}, traps)] }],
  ["revoked Proxy", revoked],
  ["circular", circular],
  [
    "getters",
    {
      get a() {
        return throws();
      },
      get [display]() {
        return throws();
      },
    },
  ],
  [
    "tag",
    {
      get [Symbol.toStringTag]() {
        return throws();
      },
    },
  ],
  [
    "constructor",
    {
      get constructor() {
        return throws();
      },
    },
  ],
  ["own inspection", { [inspect.custom]: throws }],
  ["inspection of another kind", { [inspect.custom]: () => new Proxy({}, traps) }],
  ["error", Object.defineProperty(new Error("x"), "stack", { get: throws })],
  [
    "error with a strange stack",
    Object.assign(new Error("x"), { stack: 5, name: {}, message: [] }),
  ],
  ["50 MB", "x".repeat(50e6)],
  ["50 MB inside", { text: "x".repeat(50e6) }],
  ["signs", { "\0\x1b[31m": "\ud800 \x1b[32m \0", "<script>": "</pre><script>" }],
  ["surrogate", "a\ud800b\udc00"],
  ["colours", "\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link"],
  ["wide", wide],
  ["module", new Proxy(Object.create(null, { [Symbol.toStringTag]: { value: "Module" } }), {})],
])("shows without harm: %s", async (_, value) => {
  const shown = await bundleOf(value);
  expect(shown).not.toHaveProperty("failure");
  const text = shown.bundle.data["text/plain"] as string;
  expect(text.length).toBeGreaterThan(0);
  expect(text.length).toBeLessThan(10_100);
  expect(text).not.toContain("\x1b");
  const html = (shown.bundle.data["text/html"] ?? "") as string;
  expect(html).not.toContain("<script");
  expect(Buffer.from(text + html, "utf8").toString("utf8")).toBe(text + html);
});

test("values whose inspection never ends are shown too", async () => {
  const endless = {
    [inspect.custom]() {
      for (;;);
    },
  };
  expect(await textOf(endless)).toContain("nodejs.util.inspect.custom");
});

test("a cut text says how much is missing", async () => {
  expect(await textOf("x".repeat(12_000))).toMatch(/^x{10000}\n… 2,000 more characters$/);
  const { data } = (await bundleOf({ a: Array.from({ length: 100 }, () => "y".repeat(200)) }))
    .bundle;
  const missing = /\n… [\d,]+ more characters/;
  expect(data["text/plain"]).toMatch(missing);
  expect(data["text/html"]).toMatch(missing);
});

test("looking like a frame or a tensor does no harm", async () => {
  const frame = { $isSeries: false, columns: ["a"], dtypes: [1], index: [0], values: [undefined] };
  expect((await bundleOf(frame)).bundle.data["text/html"]).toMatch(/^<pre /);
});

test("broken built-ins do not break the kernel", async () => {
  const { map } = Array.prototype;
  const { includes } = String.prototype;
  try {
    Array.prototype.map = throws;
    String.prototype.includes = throws;
    const shown = await bundleOf({ a: 1 });
    expect(typeof shown.bundle.data["text/plain"]).toBe("string");
  } finally {
    Array.prototype.map = map;
    String.prototype.includes = includes;
  }
});

test("forms go on the wire by their MIME type", () => {
  const bytes = new TextEncoder().encode("<svg/>");
  const { data } = checkedBundle(
    {
      "image/png": bytes,
      "image/svg+xml": bytes,
      "application/json": { a: [undefined, 1] },
      "application/vnd.x+json": '{"a":1}',
      "application/vnd.plotly.v1+json": { data: [], layout: {} },
      "application/x-unknown": "as it is",
      "application/x-bytes": bytes.buffer,
      "text/markdown": ["# a\n", "b"],
      "text/latex": null,
      "text/x-number": 5,
      "text/html": "\ud800",
    },
    () => "plain \x1b[31mred\x1b[0m",
  );
  expect(data).toEqual({
    "image/png": "PHN2Zy8+",
    "image/svg+xml": "<svg/>",
    "application/json": { a: [null, 1] },
    "application/vnd.x+json": { a: 1 },
    "application/vnd.plotly.v1+json": { data: [], layout: {} },
    "application/x-unknown": "as it is",
    "application/x-bytes": "PHN2Zy8+",
    "text/markdown": "# a\nb",
    "text/x-number": "5",
    "text/html": "\ufffd",
    "text/plain": "plain red",
  });
});

test("JSON is kept whole, but for surrogates that no file could hold", () => {
  const value = { long: "x".repeat(20_000), odd: "\ud800\\ud800\u{1f600}" };
  const { data } = checkedBundle({ "application/json": value }, () => "");
  expect(data["application/json"]).toEqual({ ...value, odd: "\ufffd\\ud800\u{1f600}" });
});

test("what is wrong with a bundle is said", () => {
  expect(() => checkedBundle(5, () => "")).toThrow(/object of forms by MIME type.*not number/);
  expect(() => checkedBundle({ html: "x" }, () => "")).toThrow(/text\/html, not "html"/);
});
