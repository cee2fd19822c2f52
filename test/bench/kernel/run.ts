import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { progress } from "../../../src/kernel/api/progress";
import { python, root } from "../../../src/setup/paths";
import { runProgram } from "../../../src/setup/program";
import { denoVersion } from "../../peers/deno";
import {
  type KernelName,
  type KernelToStart,
  kernelNames,
  kernelToStart,
  writeKernelspecs,
} from "../../peers/kernels";
import { busyWarning, thisMachine } from "../machine";
import { values } from "../report";
import {
  type Check,
  type KernelFigures,
  type KernelReport,
  type LaunchFigure,
  launchFigures,
  type Seen,
  type Turn,
} from "./report";

const languageOf = (name: KernelName) => (name === "python3" ? "python" : "typescript");

/** How each kernel imports the project's sources, if it can. */
const sourceCells: Readonly<Partial<Record<KernelName, string>>> = {
  peftlab: 'import { peft } from "../src";',
  tslab: 'import { peft } from "@peftlab/src";',
  deno: 'import { peft } from "../src/index.ts";',
};
const tsx = { NODE_OPTIONS: `--require ${require.resolve("tsx/cjs")}` };

const interruptCases: readonly { name: string; case?: string; twice?: true }[] = [
  ...[
    "synchronous loop",
    "loop after an await",
    "loop of microtasks",
    "loop in a timer",
    "loop in code that was not a cell's",
    "chain of sleeps",
    "what never comes",
  ].map((name) => ({ name, case: name })),
  { name: "twice within 50 ms", case: "chain of sleeps", twice: true },
  { name: "while idle" },
];

/** Measures the four kernels; they must be installed. */
export async function benchKernels(repetitions: number): Promise<KernelReport> {
  const busy = busyWarning() ?? null;
  const looks = kernelNames.length * (6 + interruptCases.length);
  const perTurn = kernelNames.length * 3 + Object.keys(sourceCells).length;
  const bar = progress(looks + repetitions * perTurn + 1, {
    label: "bench kernel",
    unit: "measurements",
  });
  const step = async <T>(note: string, work: Promise<T>): Promise<T> => {
    bar.show({ now: note });
    const result = await work;
    bar.add();
    return result;
  };

  const seen = new Map<KernelName, Seen>();
  for (const name of kernelNames) seen.set(name, await look(name, step));
  const turns: Record<KernelName, Turn>[] = [];
  const growths: Record<KernelName, Growth | null>[] = [];
  for (let turn = 0; turn < repetitions; turn++) {
    turns.push(await inTurn((name) => launches(name, step)));
    growths.push(
      await inTurn((name) => step(`${name}, 100 cells`, measure<Growth | null>(name, "growth"))),
    );
  }
  const checks = await step(
    "our checks",
    measure<Record<string, readonly Check[]>>("peftlab", "checks"),
  );
  bar.show({ now: undefined });
  bar.end();

  const figures = await inTurn(async (name): Promise<KernelFigures> => {
    const all = (of: (figure: LaunchFigure) => (turn: Record<KernelName, Turn>) => number | null) =>
      Object.fromEntries(
        launchFigures.map((figure) => [figure, complete(turns.map(of(figure)))]),
      ) as KernelFigures["launch"];
    return {
      version: await versionOf(name),
      ...seen.get(name)!,
      launch: all((figure) => (turn) => turn[name][figure]),
      ratio: all((figure) => (turn) => over(turn[name][figure], turn.tslab[figure])),
      growth: complete(
        growths.map((turn) => over(turn[name]?.hundredth ?? null, turn[name]?.tenth ?? null)),
      ),
    };
  });
  return {
    measured: new Date().toISOString().slice(0, 10),
    machine: thisMachine(),
    busy,
    repetitions,
    node: process.versions.node,
    kernels: figures,
    checks: Object.fromEntries(
      Object.entries(checks).map(([kind, rounds]) => [
        kind,
        values(rounds.map(([checked, bare]) => checked / bare)),
      ]),
    ),
  };
}

/** Milliseconds of a cell. */
interface Growth {
  readonly tenth: number;
  readonly hundredth: number;
}

interface Launch {
  /** Since the launch. */
  readonly info: number;
  readonly reply: number;
  /** Since the cell was sent. */
  readonly cell: number;
  readonly memoryMiB: number;
}

type Steps = <T>(note: string, work: Promise<T>) => Promise<T>;

async function inTurn<T>(work: (name: KernelName) => Promise<T>): Promise<Record<KernelName, T>> {
  const all: Partial<Record<KernelName, T>> = {};
  for (const name of kernelNames) all[name] = await work(name);
  return all as Record<KernelName, T>;
}

const over = (a: number | null, b: number | null) => (a === null || b === null ? null : a / b);

/** Nothing where one of the turns has nothing. */
function complete(all: readonly (number | null)[]) {
  const found = all.filter((value) => value !== null);
  return found.length === all.length ? values(found) : null;
}

async function launches(name: KernelName, step: Steps): Promise<Turn> {
  const kernel = kernelToStart(name);
  const launch = (what: string, code: string, idle = 0, env = kernel.env) =>
    step(
      `${name}, ${what}`,
      measure<Launch | null>(name, "launch", { code, idle, kernel: { ...kernel, env } }),
    );
  const small = await launch("launch", "1 + 1");
  const idle = await launch("launch, idle", "1 + 1", 3);
  const code = sourceCells[name];
  const env = name === "tslab" ? { ...kernel.env, ...tsx } : kernel.env;
  const source = code === undefined ? null : await launch("import", code, 0, env);
  return {
    info: small?.info ?? null,
    small: small?.reply ?? null,
    source: source?.reply ?? null,
    idle: idle?.cell ?? null,
    memory: small?.memoryMiB ?? null,
  };
}

async function look(name: KernelName, step: Steps): Promise<Seen> {
  const ask = <T>(task: string) => step(`${name}, ${task}`, measure<T>(name, task));
  const interrupts: Record<string, string[]> = {};
  const conformance = await step(`${name}, conformance`, conform(name));
  const rest = {
    control: await ask<number | null>("control"),
    lines: await ask<Seen["lines"]>("lines"),
    signature: await ask<string[]>("signature"),
    ipc: await ask<boolean>("ipc"),
    order: await ask<boolean>("order"),
  };
  for (const { name: label, case: cell = null, twice = false } of interruptCases)
    interrupts[label] = await step(
      `${name}, interrupt: ${label}`,
      measure<string[]>(name, "interrupt", { case: cell, twice }),
    );
  return { conformance, ...rest, interrupts };
}

/** What `measure.py` says of a kernel. */
async function measure<T>(
  name: KernelName,
  task: string,
  more: { kernel?: KernelToStart } & Record<string, unknown> = {},
): Promise<T> {
  const ask = { task, kernel: kernelToStart(name), language: languageOf(name), ...more };
  const output = await runProgram(
    python,
    ["-B", join(__dirname, "measure.py"), JSON.stringify(ask)],
    { what: `${task} of ${name}` },
  );
  return JSON.parse(output.trim().split("\n").at(-1)!);
}

/** Jupyter's own conformance suite. */
export async function conform(name: KernelName): Promise<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), "peftlab-bench-"));
  try {
    writeKernelspecs(folder, [name]);
    const script = join(root, "test", "fixtures", "kernel", "conformance.py");
    const output = await runProgram(python, ["-B", script, name, languageOf(name)], {
      what: `the conformance suite on ${name}`,
      env: { ...process.env, JUPYTER_DATA_DIR: folder },
    });
    // Tracebacks name files by where the project is.
    const lines = output.replaceAll(`${root}/`, "").trim().split("\n");
    return JSON.parse(lines.at(-1)!);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function versionOf(name: KernelName): Promise<string> {
  if (name === "peftlab") return "";
  if (name === "deno") return denoVersion;
  if (name === "tslab") return require("tslab/package.json").version;
  const code = "import ipykernel; print(ipykernel.__version__)";
  return (await runProgram(python, ["-c", code], { what: "ipykernel's version" })).trim();
}
