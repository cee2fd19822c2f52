import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { jupyterDataFolder, python, root } from "../../src/setup/paths";
import { tinyFolder } from "../models/tiny";
import { fixtures } from "./conversation";

// A kernel takes seconds to start, and more on a busy machine.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

/** A cell, and how it is interrupted: see interrupts.py. */
interface Case {
  readonly before?: string;
  readonly code: string;
  readonly at: string | null;
  readonly times?: number;
  readonly signal?: boolean;
}

interface Result {
  readonly ename: string | null;
  readonly evalue: string | null;
  /** What the next cell gave. */
  readonly next: string;
  /** What the cell printed until the next one had ended, its errors in brackets. */
  readonly text: string;
  /** What it printed after that, until three seconds after the last case. */
  readonly late: string;
}

const folder = mkdtempSync(join(tmpdir(), "peftlab-interrupts-"));
const model = tinyFolder();
afterAll(() => {
  for (const made of [folder, join(model, "..")]) rmSync(made, { recursive: true });
});

const looper = join(folder, "node_modules", "looper");
const packageCode = `
exports.spin = () => { for (;;) {} };
exports.turn = async () => { for (;;) await null; };
exports.timer = () => setInterval(() => { for (;;) {} }, 5);
exports.sleep = async () => { for (;;) { await new Promise((r) => setTimeout(r, 20)); console.log("package"); } };
`;
const server = `import { createServer } from "node:http";
const server = createServer((_, response) => setTimeout(() => response.end("late"), 1500)).listen(0);
await new Promise((listening) => server.once("listening", listening));
const url = "http://127.0.0.1:" + (server.address() as { port: number }).port;`;
const training = `import { defineTask, peft, train } from "../src";
const rows = Array.from({ length: 64 }, (_, row) => ({ text: \`word\${row} word\${row % 7}\`, label: row % 2 ? "yes" : "no" }));
const task = defineTask({ name: "tiny", rows: { train: rows, validation: rows, test: rows }, columns: { text: "text", target: "label" }, labels: ["no", "yes"], metrics: ["accuracy"] });`;

/** What runs `body` and says whether its `finally` was reached. */
const cleaned = (body: string) => `try { ${body} } finally { console.log("cleaned"); }`;
const go = 'console.log("go");';

const cases = {
  loop: { code: cleaned(`${go} while (true) {}`), at: "go" },
  "loop after an await": { code: cleaned(`await null; ${go} while (true) {}`), at: "go" },
  "microtask loop": { code: cleaned(`${go} for (;;) await null;`), at: "go" },
  "loop that prints": { code: cleaned(`for (;;) console.log("go");`), at: "go" },
  "loop in a timer": {
    code: `setTimeout(() => { ${cleaned(`${go} for (;;) {}`)} }, 10); await new Promise(() => {});`,
    at: "go",
  },
  "loop in a timer of a cell that has ended": {
    code: `void setTimeout(() => { ${cleaned(`${go} for (;;) {}`)} }, 100);`,
    at: "go",
  },
  "loop inside a package": {
    before: `const looper = require(${JSON.stringify(join(looper, "index.js"))});`,
    code: `const kept = 5; ${go} looper.spin();`,
    at: "go",
  },
  "microtask loop inside a package": { code: `${go} await looper.turn();`, at: "go" },
  "loop in a timer inside a package": {
    code: `${go} looper.timer(); await new Promise(() => {});`,
    at: "go",
  },
  "chain of sleeps": {
    code: cleaned(
      `for (;;) { console.log("go"); await new Promise((r) => setTimeout(r, 400)); console.log("slept"); }`,
    ),
    at: "go",
  },
  "chain of sleeps inside a package": { code: "await looper.sleep();", at: "package" },
  "pending fetch": {
    before: server,
    code: cleaned(
      `void fetch(url).then((r) => r.text()).then(console.log, () => {}); ${go} await fetch(url); console.log("answered");`,
    ),
    at: "go",
  },
  "compiled step": {
    before: training,
    code: `await train({ task, method: peft.bitfit(), budget: { steps: 500 }, batchSize: 8, maxTokens: 16, model: ${JSON.stringify(model)}, store: ${JSON.stringify(folder)} });`,
    at: "steps/s",
  },
  "twice within 50 ms": { code: cleaned(`${go} for (;;) {}`), at: "go", times: 2 },
  "by SIGINT": { code: cleaned(`${go} for (;;) {}`), at: "go", signal: true },
  "by SIGINT, twice, inside a package": {
    code: `${go} looper.spin();`,
    at: "go",
    signal: true,
    times: 2,
  },
  "while idle": { code: "1;", at: null },
  "by SIGINT while idle": { code: "1;", at: null, signal: true },
  "loop that looks at the signal": {
    code: `${go} while (!interrupt.signal.aborted) {} console.log("ended");`,
    at: "go",
  },
  "a name declared before the code was ended": { code: "console.log(kept);", at: null },
} satisfies Record<string, Case>;

const names = Object.keys(cases) as (keyof typeof cases)[];

describe("an interrupt", () => {
  const results = {} as Record<keyof typeof cases, Result>;
  beforeAll(() => {
    mkdirSync(looper, { recursive: true });
    writeFileSync(join(looper, "index.js"), packageCode);
    const output = execFileSync(
      python,
      ["-B", join(fixtures, "interrupts.py"), join(root, "notebooks")],
      {
        input: JSON.stringify(Object.values(cases)),
        env: { ...process.env, JUPYTER_DATA_DIR: jupyterDataFolder },
        encoding: "utf8",
      },
    );
    const list: Result[] = JSON.parse(output);
    for (const [index, name] of Object.keys(cases).entries())
      results[name as keyof typeof cases] = list[index]!;
  });

  test.each(names)("%s: the next cell answers, and nothing more is printed", (name) => {
    expect(results[name].next).toBe("2");
    expect(results[name].late).toBe("");
  });

  test.each(names.filter((name) => cases[name].code.includes("finally")))(
    "%s: finally runs",
    (name) => {
      const { ename, text } = results[name];
      expect(text).toMatch(/^(go\n)+cleaned\n\[KeyboardInterrupt\]$/);
      expect(ename).toBe(
        name === "loop in a timer of a cell that has ended" ? null : "KeyboardInterrupt",
      );
    },
  );

  test.each(names.filter((name) => cases[name].code.includes("looper")))(
    "%s: it ends, and says so when finally was skipped",
    (name) => {
      const { ename, evalue, text } = results[name];
      expect(ename).toBe("KeyboardInterrupt");
      expect(text).toMatch(/^(go|package)\n(package\n)*\[KeyboardInterrupt\]$/);
      // Sleeps need not be ended from outside.
      expect(evalue!.includes("finally blocks did not run")).toBe(!text.includes("package"));
    },
  );

  test("compiled step: training ends", () => {
    expect(results["compiled step"].ename).toBe("KeyboardInterrupt");
  });

  test("a loop that looks at the signal sees it", () => {
    expect(results["loop that looks at the signal"].text).toBe("go\nended\n[KeyboardInterrupt]");
  });

  test("while idle nothing happens", () => {
    for (const name of ["while idle", "by SIGINT while idle"] as const)
      expect(results[name]).toMatchObject({ ename: null, text: "" });
  });

  test("names of a cell that was ended from outside are kept", () => {
    expect(results["a name declared before the code was ended"]).toMatchObject({ text: "5\n" });
  });
});
