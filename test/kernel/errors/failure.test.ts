import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { runInNewContext, Script } from "node:vm";
import { expect, test } from "vitest";
import { type FailureOptions, failureOf } from "../../../src/kernel/errors/failure";

const cell = "const a = 1;\nconst b: number = a;\nfail(b);\n";
const compiled = "/kernel/cell-3.js";

/** A cell whose compiled lines stand two below its own. */
const options: FailureOptions = {
  map: (file, line, column) =>
    file === compiled ? { file: "[cell 3]", line: line - 2, column } : undefined,
  source: (file) => (file === "[cell 3]" ? cell : undefined),
  isHidden: (file) => file.includes("/peftlab-kernel/") || file.endsWith(".test.ts"),
};

const shown = (error: unknown, given = options) => {
  const failure = failureOf(error, given);
  return { ...failure, traceback: failure.traceback.map(stripVTControlCharacters) };
};

function errorAt(calls: readonly string[], error: Error = new TypeError("no")): Error {
  error.stack = `${error.name}: ${error.message}\n${calls.map((call) => `    at ${call}`).join("\n")}`;
  return error;
}

test("message, the user's line in full, the other calls, none of the kernel's or Node's", () => {
  const error = errorAt([
    "Array.map (<anonymous>)",
    "add (/elsewhere/node_modules/danfo/dist/add.js:5:6)",
    `Object.fail [as go] (${compiled}:5:1)`,
    `async ${compiled}:4:7`,
    "async train (file:///elsewhere/with%20(space)/train.ts:10:3)",
    `new Model (${join(process.cwd(), "src", "model.ts")}:1:2)`,
    "async Promise.all (index 0)",
    "run (/x/peftlab-kernel/execution.ts:1:1)",
    "node:internal/process/task_queues:95:5",
    "Script.runInContext (node:vm:149:12)",
  ]);
  expect(shown(error)).toEqual({
    ename: "TypeError",
    evalue: "no",
    traceback: [
      "TypeError: no",
      "fail [cell 3]:3:1",
      "  1 | const a = 1;",
      "  2 | const b: number = a;",
      "> 3 | fail(b);",
      "    | ^",
      "    at add danfo/dist/add.js:5:6",
      "    at [cell 3]:2:7",
      expect.stringMatching(/^ {4}at train .*with \(space\)\/train\.ts:10:3$/),
      `    at new Model ${join("src", "model.ts")}:1:2`,
    ],
  });
  expect(failureOf(error, options).traceback[0]).toContain("\x1b[31m");
});

test("a real error, thrown by V8", () => {
  const thrown = () => new Script("\n\n\n\nnull.x", { filename: compiled }).runInThisContext();
  let error: unknown;
  try {
    thrown();
  } catch (caught) {
    error = caught;
  }
  const failure = shown(error);
  expect(failure.ename).toBe("TypeError");
  expect(failure.traceback).toContain("> 3 | fail(b);");
});

test("a syntax error found while loading has a place too", () => {
  let error: unknown;
  try {
    new Script("\n\n\n  let let = 1;", { filename: compiled });
  } catch (caught) {
    error = caught;
  }
  const failure = shown(error);
  expect(failure.ename).toBe("SyntaxError");
  expect(failure.traceback).toContain("> 2 | const b: number = a;");
});

test("code of eval is found where eval was called", () => {
  const failure = shown(errorAt([`eval (eval at go (${compiled}:5:1), <anonymous>:1:1)`]));
  expect(failure.traceback).toContain("> 3 | fail(b);");
});

test("messages of several lines, and those that look like calls", () => {
  const message = "first\n    at fake (/fake.ts:1:1)\nlast";
  const failure = shown(errorAt([`${compiled}:5:1`], new Error(message)));
  expect(failure.evalue).toBe(message);
  expect(failure.traceback.join("\n")).toContain("[cell 3]:3:1");
  expect(failure.traceback.slice(1).join("\n")).not.toContain("fake");
});

test("a class names the error where the name does not", () => {
  class ConfigError extends Error {}
  class Named extends Error {
    override name = "OwnName";
  }
  expect(shown(new ConfigError("x")).ename).toBe("ConfigError");
  expect(shown(new Named("x")).ename).toBe("OwnName");
  expect(shown(new DOMException("x", "AbortError")).ename).toBe("AbortError");
  expect(shown(runInNewContext("new RangeError('other realm')")).ename).toBe("RangeError");
  expect(shown(new Error("")).traceback[0]).toBe("Error");
});

test("causes and gathered errors are shown under it", () => {
  const root = errorAt([`${compiled}:4:7`], new RangeError("root"));
  const failure = shown(new Error("top", { cause: new Error("middle", { cause: root }) }));
  const text = failure.traceback.join("\n");
  expect(text).toMatch(
    /^Error: top\n[\s\S]*Caused by: Error: middle\n[\s\S]*Caused by: RangeError: root\n/,
  );
  expect(text).toContain("> 2 | const b: number = a;");
  const many = new AggregateError([new Error("one"), 2, ...Array(9).fill(root)], "many");
  const gathered = shown(many).traceback.join("\n");
  expect(gathered).toContain("Error 1 of 11: Error: one");
  expect(gathered).toContain("Error 2 of 11: Uncaught 2");
  expect(gathered).toContain("… 6 more errors");
  expect(gathered.match(/RangeError: root/g)).toHaveLength(1);
  expect(shown(new Error("x", { cause: "a text" })).traceback).toContain(
    "Caused by: Uncaught a text",
  );
});

test("circular and endless causes end", () => {
  const circular = new Error("a");
  circular.cause = new Error("b", { cause: circular });
  expect(shown(circular).traceback.at(-1)).toBe("Caused by: an error shown above");
  let deep = new Error("0");
  for (let depth = 1; depth < 5000; depth++) deep = new Error(`${depth}`, { cause: deep });
  expect(shown(deep).traceback.at(-1)).toBe("Caused by: not shown, as there are many");
  expect(shown(deep).traceback.length).toBeLessThan(200);
});

test("a tree of gathered errors stays short", () => {
  const grown = (depth: number): Error =>
    depth === 0
      ? new Error("leaf")
      : new AggregateError(
          [1, 2, 3, 4, 5].map(() => grown(depth - 1)),
          `at ${depth}`,
        );
  expect(shown(grown(5)).traceback.length).toBeLessThan(300);
});

test("recursion stands once, with its count", () => {
  const calls = Array.from({ length: 50 }, () => "dig (/elsewhere/dig.ts:1:2)");
  const { traceback } = shown(errorAt([...calls, "main (/elsewhere/dig.ts:9:9)"]));
  expect(traceback).toHaveLength(3);
  expect(traceback[1]).toMatch(/at dig .*dig\.ts:1:2 \(50 times\)$/);
  const different = Array.from({ length: 50 }, (_, index) => `f (/elsewhere/dig.ts:${index}:2)`);
  expect(shown(errorAt(different)).traceback.at(-1)).toBe("    … 30 more calls");
});

test.each<[unknown, string]>([
  [5, "5"],
  [null, "null"],
  [undefined, "undefined"],
  ["text", "text"],
  [{ code: 1 }, "{ code: 1 }"],
  [Symbol("s"), "Symbol(s)"],
])("what is thrown and no error: %o", (value, text) => {
  expect(shown(value)).toEqual({
    ename: "Uncaught",
    evalue: text,
    traceback: [`Uncaught ${text}`, "thrown as it is, so without a stack"],
  });
});

const throws = () => {
  throw new Error("trap");
};
const trap = new Proxy(new Error("in a Proxy"), {
  get: throws,
  has: throws,
  getPrototypeOf: throws,
  getOwnPropertyDescriptor: throws,
});
const { proxy: revoked, revoke } = Proxy.revocable(new Error("x"), {});
revoke();
const property = (key: string, descriptor: PropertyDescriptor) =>
  Object.defineProperty(new Error("x"), key, descriptor);

test.each<[string, unknown]>([
  ["message throws", property("message", { get: throws })],
  ["name throws", property("name", { get: throws })],
  ["stack throws", property("stack", { get: throws })],
  ["cause throws", property("cause", { get: throws })],
  ["constructor throws", property("constructor", { get: throws })],
  ["stack is no string", property("stack", { value: [{}] })],
  ["message is no string", property("message", { value: { a: 1 } })],
  ["name is no string", property("name", { value: {} })],
  ["empty name", property("name", { value: "" })],
  ["name of lines", property("name", { value: "\x1b[31mA\nB" })],
  [
    "errors are a Proxy",
    Object.assign(new AggregateError([]), { errors: new Proxy([], { get: throws }) }),
  ],
  ["Proxy", trap],
  ["revoked Proxy", revoked],
  ["caused by a Proxy", new Error("x", { cause: trap })],
  ["50 MB", new Error("x".repeat(50e6))],
  ["stack of 50 MB", property("stack", { value: `x\n${"    at a (b:1:1)\n".repeat(3e6)}` })],
  ["signs", new Error("\0\x1b[31m\ud800")],
])("hostile errors are shown without harm: %s", (_, error) => {
  const { ename, evalue, traceback } = failureOf(error, options);
  expect(ename).toMatch(/^[\w ]+$/);
  expect(evalue).not.toContain("\x1b");
  const text = traceback.join("\n");
  expect(text.length).toBeLessThan(20_000);
  expect(Buffer.from(text, "utf8").toString("utf8")).toBe(text);
});

test("what the integrator gives may fail too", () => {
  const error = errorAt([`${compiled}:5:1`]);
  for (const broken of [{ map: throws }, { source: throws }, { isHidden: throws }]) {
    expect(shown(error, { ...options, ...broken }).traceback[0]).toBe("TypeError: no");
  }
});
