import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { progress } from "../../src/kernel/api/progress";
import { minilmFolder } from "../../src/setup/paths";
import { runProgram } from "../../src/setup/program";
import { peersPython } from "../peers/environment";
import { busyWarning, thisMachine } from "./machine";
import { type Repetition, summarise, type TrainingReport } from "./report";
import { benchMethods, type Measurement, makeWork } from "./work";

/** The two sides of a comparison, as programs to start with the same arguments. */
export const sides = {
  pytorch: (script: string) => [peersPython, "-I", `${script}.py`],
  peftlab: (script: string) => [
    process.execPath,
    "--require",
    require.resolve("tsx/cjs"),
    `${script}.ts`,
  ],
} as const;

/** Runs both sides in turn, one process each. PyTorch's environment must be there. */
export async function benchTraining(repetitions: number): Promise<TrainingReport> {
  const busy = busyWarning() ?? null;
  const machine = thisMachine();
  const { batches, ...settings } = makeWork();
  const folder = mkdtempSync(join(tmpdir(), "peftlab-bench-"));
  try {
    const file = join(folder, "work.json");
    writeFileSync(file, JSON.stringify({ ...settings, batches }));
    const all: Repetition[] = [];
    const total = repetitions * benchMethods.length * 2;
    const bar = progress(total, { label: "bench training", unit: "runs" });
    const measure = async (side: keyof typeof sides, method: string): Promise<Measurement> => {
      bar.show({ now: `${method}, ${side}` });
      const [program, ...args] = sides[side](join(__dirname, "training")) as [string, ...string[]];
      const output = await runProgram(
        program,
        [...args, "--work", file, "--weights", minilmFolder, "--method", method],
        { what: `${side}'s side of the benchmark` },
      );
      bar.add();
      return parseMeasurement(output);
    };
    for (let repetition = 0; repetition < repetitions; repetition++)
      for (const method of benchMethods) {
        const pytorch = await measure("pytorch", method);
        const peftlab = await measure("peftlab", method);
        all.push({ method, pytorch, peftlab });
      }
    bar.show({ now: undefined });
    bar.end();
    const { pytorch, peftlab } = all[0]!;
    return {
      measured: new Date().toISOString().slice(0, 10),
      machine,
      busy,
      repetitions,
      work: settings,
      threads: { pytorch: pytorch.threads, peftlab: peftlab.threads },
      versions: { pytorch: pytorch.versions, peftlab: peftlab.versions },
      methods: summarise(all),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The measurement among what a process printed. */
export function parseMeasurement(output: string): Measurement {
  const line = output.split("\n").find((text) => text.startsWith('{"milliseconds"'));
  if (!line) throw new Error(`no measurement in what the process printed:\n${output}`);
  return JSON.parse(line);
}
