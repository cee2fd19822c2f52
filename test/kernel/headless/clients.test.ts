import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { kernelDisplayName, kernelName } from "../../../src/kernel";
import { python } from "../../../src/setup/paths";

// A kernel takes seconds to start, and more on a busy machine.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const sources = [
  "const seeds = 1;",
  'console.log(seeds + " seeds");\nseeds * 21',
  'const check = (n: number) => {\n  if (n > 0) throw new Error("as asked");\n};\ncheck(seeds);',
  'console.log("never");',
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "peftlab clients ü-"));
  const cells = sources.map((source, index) => ({
    cell_type: "code",
    id: `cell-${index}`,
    metadata: index === 0 ? { tags: ["parameters"] } : {},
    source,
    outputs: [],
    execution_count: null,
  }));
  const kernelspec = {
    name: kernelName,
    display_name: kernelDisplayName,
    language: "typescript",
  };
  const write = (name: string, some: typeof cells) =>
    writeFileSync(
      join(folder, name),
      JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells: some }),
    );
  write("fails.ipynb", cells);
  write("whole.ipynb", cells.slice(0, 2));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a client as a user does, in the notebooks' folder; what it keeps for the user goes there too. */
async function run(args: readonly string[], input = "") {
  const child = spawn(python, ["-m", ...args], {
    cwd: folder,
    env: { ...process.env, HOME: folder, JUPYTER_DATA_DIR: join(folder, "jupyter") },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (more) => {
      text += more;
    });
  child.stdin.end(input);
  const [status] = await once(child, "close");
  return { status, text };
}

/** What each code cell of a notebook printed or gave. */
function outputs(name: string) {
  const { cells } = JSON.parse(readFileSync(join(folder, name), "utf8"));
  return cells
    .filter((cell: { cell_type: string }) => cell.cell_type === "code")
    .map((cell: { outputs: { output_type: string; text?: string | string[]; data?: object }[] }) =>
      cell.outputs.map(
        ({ output_type, text, data }) => [text].flat().join("") || data || output_type,
      ),
    );
}

/** The user's own lines around the error. */
const frame = `
  1 | const check = (n: number) => {
> 2 |   if (n > 0) throw new Error("as asked");
    |                    ^
  3 | };
`;

/** The message and the frame stand in a log, without colour codes, and nothing ran afterwards. */
function expectFailure(text: string, cell: number): void {
  expect(text).toContain("\nError: as asked\n");
  expect(text).toContain(`cell:${cell}:2:20`);
  expect(text).toContain(frame);
  expect(text).not.toContain("\x1b");
  expect(text).not.toContain("never");
}

describe("a notebook with a cell that fails, and the cells before it", () => {
  test("under nbclient", async () => {
    const { status, text } = await run(["jupyter", "execute", "--inplace", "fails.ipynb"]);
    expect(status).not.toBe(0);
    expectFailure(text, 3);
  });

  test("under nbconvert --execute", async () => {
    const to = ["--to", "notebook", "--execute", "--output", "converted.ipynb"];
    const failed = await run(["nbconvert", ...to, "fails.ipynb"]);
    expect(failed.status).not.toBe(0);
    expectFailure(failed.text, 3);
    const { status } = await run(["nbconvert", ...to, "whole.ipynb"]);
    expect(status).toBe(0);
    expect(outputs("converted.ipynb")).toEqual([[], ["1 seeds\n", { "text/plain": ["21"] }]]);
  });

  test("under papermill, with a parameter", async () => {
    const args = ["--no-progress-bar", "-p", "seeds", "2"];
    const { status, text } = await run(["papermill", "fails.ipynb", "milled.ipynb", ...args]);
    expect(status).not.toBe(0);
    expectFailure(text, 4);
    expect(outputs("milled.ipynb")).toEqual([
      [],
      [],
      ["2 seeds\n", { "text/plain": ["42"] }],
      ["error"],
      [],
    ]);
  });

  test("in jupyter console, which goes on", async () => {
    const lines = [
      "const seeds: number = 2",
      "seeds * 21",
      'throw new Error("as asked")',
      "seeds.x",
    ];
    const console = ["jupyter_console", "--kernel", kernelName, "--simple-prompt"];
    const { status, text } = await run(console, `${lines.join("\n")}\n`);
    expect(status).toBe(0);
    const plain = stripVTControlCharacters(text);
    expect(plain).toContain("Out[2]: 42\n");
    expect(plain).toContain('Error: as asked\ncell:3:1:7\n> 1 | throw new Error("as asked")\n');
    expect(plain).toContain("TS2339: Property 'x' does not exist on type 'number'.");
  });
});

test("papermill takes the kernel's name, and prints what is wrong with a parameter alone", async () => {
  const args = ["--no-progress-bar", "-k", kernelName, "-p"];
  const whole = await run(["papermill", "whole.ipynb", "named.ipynb", ...args, "seeds", "3"]);
  expect(whole.status).toBe(0);
  expect(outputs("named.ipynb").at(-1)).toEqual(["3 seeds\n", { "text/plain": ["63"] }]);
  const { status, text } = await run(["papermill", "whole.ipynb", "no.ipynb", ...args, "sed", "3"]);
  expect(status).toBe(1);
  expect(text).toMatch(
    /^Error: The notebook has no parameter "sed"\. Its parameters are: seeds\.$/m,
  );
  expect(text).not.toContain("Traceback");
});
