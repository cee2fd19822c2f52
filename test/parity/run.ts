import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadTask } from "../../src/glue";
import { progress } from "../../src/kernel/api/progress";
import { loadPretrained } from "../../src/models";
import { minilmFolder, root } from "../../src/setup/paths";
import { runProgram } from "../../src/setup/program";
import { sides as programs } from "../bench/programs";
import { peersPython } from "../peers/environment";
import { makePlan, type Plan } from "./plan";
import {
  fingerprint,
  methods,
  type ParityRecord,
  type RunName,
  readRecord,
  runName,
  sides,
} from "./record";
import { bounds, compareSides, floorOf, type Row } from "./table";

export const seeds = [1, 2, 3, 4, 5] as const;

/** What `data/parity/mrpc.json` holds. */
export interface ParityReport {
  readonly plan: string;
  readonly recipe: Omit<Plan["recipe"], "rates">;
  readonly seeds: readonly number[];
  /** Accuracy of the majority class, in percent. */
  readonly floor: number;
  readonly bounds: typeof bounds;
  /** Each side's, as its records have them. */
  readonly versions: Readonly<Record<string, readonly ParityRecord["versions"][]>>;
  readonly devices: Readonly<Record<string, readonly string[]>>;
  readonly rows: readonly Row[];
}

/** Writes the fixtures anew with PyTorch, and holds the models to them: token ids, states, logits, twenty steps. */
export async function checkFixtures(): Promise<void> {
  const glue = process.env.PEFTLAB_GLUE;
  await runProgram(
    peersPython,
    ["-I", join(__dirname, "fixtures.py"), ...(glue ? ["--glue", glue] : [])],
    { what: "fixtures.py", onLine: (line) => console.log(`  ${line}`) },
  );
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const tests = ["test/models", "test/peft/parity.test.ts", "test/parity/saved.test.ts"];
  await runProgram(process.execPath, [vitest, "run", ...tests], {
    what: "the comparison with PyTorch",
    cwd: root,
    onLine: (line) => console.log(`  ${line}`),
  });
}

/**
 * Runs what is missing of the table, each run in a process of its own, and makes the table.
 *
 * @param folder where the records are; one of another plan is run again
 */
export async function compareOnMrpc(folder: string): Promise<ParityReport> {
  const { plan, text, hash } = await planMrpc();
  const wanted = seeds.flatMap((seed) =>
    methods.flatMap((method) => sides.map((side): RunName => ({ side, method, seed }))),
  );
  const missing = wanted.filter((run) => !readRecord(folder, run, hash));
  if (missing.length > 0) {
    const temporary = mkdtempSync(join(tmpdir(), "peftlab-parity-"));
    try {
      const file = join(temporary, "plan.json");
      writeFileSync(file, text);
      await trainAll(missing, { file, folder, hash, steps: plan.recipe.rates.length });
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  }
  const records = wanted.map((run) => readRecord(folder, run, hash)!);
  const floor = floorOf(plan.dev.map(({ label }) => label));
  const { rates: _, ...recipe } = plan.recipe;
  return {
    plan: hash,
    recipe,
    seeds,
    floor,
    bounds,
    versions: bySide(records, (record) => record.versions),
    devices: bySide(records, (record) => record.device),
    rows: compareSides(records, { seeds, floor }),
  };
}

/**
 * The plan on MRPC, with the text of its file and that text's hash.
 *
 * @throws when MRPC itself is not there
 */
export async function planMrpc(options: Parameters<typeof loadTask>[1] = {}) {
  const { source, train, validation, test } = await loadTask("mrpc", options);
  if (source.kind === "sample")
    throw new Error(
      "The table is about MRPC itself, and only the sample corpus is here. Name GLUE's folder: PEFTLAB_GLUE=FOLDER npm run parity",
    );
  const { tokenizer, config } = loadPretrained(minilmFolder);
  const plan = makePlan({
    train: [...train, ...validation],
    dev: test,
    tokenizer,
    hiddenSize: config.hiddenSize,
    seeds,
  });
  const text = `${JSON.stringify(plan)}\n`;
  return { plan, text, hash: fingerprint(text) };
}

/** Each run in a process of its own, which leaves its record in the folder. */
export async function trainAll(
  runs: readonly RunName[],
  options: {
    readonly file: string;
    readonly folder: string;
    readonly hash: string;
    readonly steps: number;
  },
): Promise<void> {
  const { file, folder, hash, steps } = options;
  const total = runs.length * steps;
  const bar = progress(total, { label: "MRPC" });
  for (const [at, run] of runs.entries()) {
    const note = `${runName(run)}, run ${at + 1} of ${runs.length}`;
    bar.show({ now: note });
    bar.set(at * steps);
    const [program, ...args] = programs[run.side](join(__dirname, "mrpc")) as [string, ...string[]];
    await runProgram(
      program,
      [
        ...args,
        ...["--plan", file, "--weights", minilmFolder, "--out", folder],
        ...["--method", run.method, "--seeds", `${run.seed}`],
      ],
      {
        what: runName(run),
        onLine(line) {
          const step = /: step (\d+)\//.exec(line);
          if (step) bar.set(at * steps + Number(step[1]));
        },
      },
    );
    const { accuracy, f1, seconds } = readRecord(folder, run, hash)!;
    const result = `accuracy ${accuracy.toFixed(1)}, F1 ${f1.toFixed(1)}, ${seconds.toFixed(0)} s`;
    // A terminal has the line that moves, and the table at the end.
    if (!process.stderr.isTTY) console.log(`${runName(run)}: ${result}`);
  }
  bar.end();
}

/** The different values that each side's records have. */
function bySide<T>(
  records: readonly ParityRecord[],
  value: (record: ParityRecord) => T,
): Record<string, T[]> {
  return Object.fromEntries(
    sides.map((side) => {
      const all = records.filter((r) => r.side === side).map((r) => JSON.stringify(value(r)));
      return [side, [...new Set(all)].map((text) => JSON.parse(text) as T)];
    }),
  );
}
