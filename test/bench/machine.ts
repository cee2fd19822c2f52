import { existsSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";

/** The machine as a reader of the figures wants to know it. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Vector instructions that matrix products may use, where the system tells. */
  readonly instructions?: readonly string[];
}

/** The processor as the operating system names it. */
export const processor = (): string => cpus()[0]?.model.trim() || process.arch;

const vectors = ["avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "asimd", "bf16"];

/** Of Linux's list. */
function instructions(file = "/proc/cpuinfo"): string[] {
  if (!existsSync(file)) return [];
  const flags = /^(?:flags|Features)\s*: (.*)$/m.exec(readFileSync(file, "utf8"))?.[1] ?? "";
  return vectors.filter((name) => flags.split(" ").includes(name));
}

export function thisMachine(): Machine {
  return {
    processor: processor(),
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} (${process.arch})`,
    instructions: instructions(),
  };
}

/** Load that others put on the machine above which figures are not to be trusted, in cores. */
const quiet = 0.3;

/** What to say before measuring, or undefined on an idle machine. `load` is the mean of the last minute. */
export function busyWarning(load: number = loadavg()[0]!): string | undefined {
  if (load <= quiet) return undefined;
  return `The machine is busy: ${load.toFixed(1)} processes ran in the last minute. Both sides will be slower, and not equally; measure again when it is idle.`;
}
