import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JSDOM } from "jsdom";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { NotebookError } from "../../../src/kernel/headless/errors";
import { type NotebookOptions, runNotebook } from "../../../src/kernel/headless/notebook";
import { jupyterDataFolder, python, root } from "../../../src/setup/paths";
import { fixtures } from "../conversation";

const small = join(fixtures, "small.ipynb");
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "peftlab-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Output {
  name?: string;
  text?: string[];
  data?: Record<string, string[]>;
}

/** Runs the small notebook; what it left, whether it ended well or not. */
async function run(name: string, options: NotebookOptions) {
  const output = join(folder, `${name}.ipynb`);
  const before = readFileSync(small);
  let error: NotebookError | undefined;
  try {
    await runNotebook(small, { ...options, output });
  } catch (caught) {
    error = caught as NotebookError;
  }
  expect(readFileSync(small)).toEqual(before);
  return { error, output, ...left(name) };
}

function left(name: string) {
  const { cells } = JSON.parse(readFileSync(join(folder, `${name}.ipynb`), "utf8"));
  const code = cells.filter((cell: { cell_type: string }) => cell.cell_type === "code");
  const outputs = (start: string): Output[] =>
    code.find((cell: { source: string[] }) => cell.source.join("").startsWith(start)).outputs;
  const html = readFileSync(join(folder, `${name}.html`), "utf8");
  return { code, outputs, html, text: (start: string) => outputs(start)[0]?.text?.join("") };
}

// A kernel takes seconds to start, and more on a busy machine.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

test("runs every cell, with parameters, and leaves a notebook and a page", async () => {
  const { error, outputs, text, html, code, output } = await run("whole", {
    parameters: { task: "cola", seconds: 0.1 },
  });
  expect(error).toBeUndefined();
  expect(code[1].metadata.tags).toEqual(["injected-parameters"]);
  expect(code[1].source.join("").split("\n").slice(1)).toEqual([
    'const task: string = "cola";',
    "let seconds = 0.1;",
  ]);
  expect(text("console.log(`")).toBe("cola 0.1\n");
  expect(outputs("await show")[0]!.data!["image/svg+xml"]!.join("")).toContain("<circle");
  // One output for all states of the bars: the last.
  const bars = outputs("for await").map(({ data }) => data!);
  expect(bars).toHaveLength(1);
  expect(bars[0]!["text/plain"]!.join("")).toMatch(
    /^runs {3}100 % \|█{20}\| {2}3\/3 runs .*\n {2}run {2}100 % .* 10\/10 steps .*$/,
  );
  expect(bars[0]!["text/html"]!.join("").match(/<progress value="100"/g)).toHaveLength(2);
  expect(text('console.log("the end")')).toBe("the end\n");
  expect(code.map((cell: { execution_count: number }) => cell.execution_count)).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9,
  ]);

  const { document } = new JSDOM(html).window;
  expect(document.querySelectorAll('[aria-label="y = W x"] svg path').length).toBeGreaterThan(0);
  expect(document.querySelectorAll('img[src^="data:image/svg+xml;base64,"]')).toHaveLength(1);
  // Nothing is asked of the network, by elements or by what scripts there are.
  const named = [...document.querySelectorAll("[src], link[href]")].map(
    (element) => element.getAttribute("src") ?? element.getAttribute("href")!,
  );
  expect(named.filter((url) => !url.startsWith("data:"))).toEqual([]);
  expect(document.querySelectorAll("script")).toHaveLength(0);
  expect(html).not.toMatch(/@import|url\(["']?(https?:)?\/\//);

  const trusted = execFileSync(
    python,
    [
      "-c",
      "import sys, nbformat; from nbformat.sign import NotebookNotary; print(NotebookNotary().check_signature(nbformat.read(sys.argv[1], 4)))",
      output,
    ],
    { env: { ...process.env, JUPYTER_DATA_DIR: jupyterDataFolder }, encoding: "utf8" },
  );
  expect(trusted).toBe("True\n");
});

test("stops at a cell that fails, and saves what ran", async () => {
  const { error, outputs, text, html } = await run("failing", { parameters: { fails: true } });
  expect(error).toBeInstanceOf(NotebookError);
  expect(error!.message).toContain("stopped at a cell that failed");
  expect(error!.exitCode).toBe(1);
  expect(text("console.log(`")).toBe("mrpc 0\n");
  expect(outputs("if (fails)")).toMatchObject([{ output_type: "error", evalue: "as asked" }]);
  expect(outputs('console.log("the end")')).toEqual([]);
  expect(html).toContain("as asked");
});

test("Ctrl-C stops the cell at its next step, and saves what ran", async () => {
  const output = join(folder, "interrupted.ipynb");
  const main = join(root, "src", "cli", "main.ts");
  const command = ["notebook", small, "-p", "seconds=60", "-o", output];
  // A group of its own, signalled as a terminal does it: all its processes at once.
  const child = spawn(process.execPath, ["--require", "tsx/cjs", main, ...command], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  let asked = false;
  child.stderr.on("data", (data) => {
    said += data;
    // The sixth cell has ended, so the one that works is next.
    if (asked || !said.includes("[6/9]")) return;
    asked = true;
    setTimeout(() => process.kill(-child.pid!, "SIGINT"), 1500);
  });
  const status = await new Promise((done) => child.on("close", done));
  expect(said).toContain("was interrupted");
  expect(status).toBe(130);
  const { text, outputs } = left("interrupted");
  expect(text("console.log(`")).toBe("mrpc 60\n");
  expect(outputs("await interruptible").map((output) => output.text?.join(""))).toContain(
    "stopped\n",
  );
  expect(outputs('console.log("the end")')).toEqual([]);
});

test.each<[string, string, NotebookOptions, string]>([
  ["no such file", "nothing.ipynb", {}, "There is no notebook"],
  ["no notebook", "package.json", {}, "not a notebook of format 4"],
  ["an unknown parameter", small, { parameters: { sed: 1 } }, 'no parameter "sed"'],
  ["a value of another type", small, { parameters: { seconds: "x" } }, "takes number"],
  ["a report over the notebook", small, { output: small }, "would replace"],
])("refuses %s before the kernel starts", async (_, file, options, message) => {
  await expect(runNotebook(file, { output: join(folder, "no.ipynb"), ...options })).rejects.toThrow(
    message,
  );
  expect(readdirSync(folder)).not.toContain("no.ipynb");
});
