import { existsSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import type { Device } from "../../src/engine";
import { graphicsCard } from "../../src/engine/graphics-card";

/** The machine as a reader of the figures wants to know it. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  /** Vector instructions that matrix products may use, where the system tells. */
  readonly instructions?: readonly string[];
  /** The card that was measured. */
  readonly graphics?: { readonly name: string; readonly memoryGiB: number };
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

/** @throws where the NVIDIA driver lists no card */
function thisGraphicsCard(): NonNullable<Machine["graphics"]> {
  const { name, memory } = graphicsCard();
  if (memory === undefined)
    throw new Error("There is no NVIDIA card to measure on: nvidia-smi lists none.");
  return { name, memoryGiB: Math.round(memory / 1024) };
}

export function thisMachine(device: Device["kind"] = "cpu"): Machine {
  return {
    ...(device === "gpu" && { graphics: thisGraphicsCard() }),
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
