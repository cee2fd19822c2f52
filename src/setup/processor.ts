import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform } from "node:os";

export interface Processor {
  readonly name: string;
  readonly cores: number;
  /** The instructions that matter for TensorFlow's speed, as people write them. */
  readonly features: readonly string[];
  /** Every instruction set that the system names, in its own words. */
  readonly instructions: string;
}

/** Linux's names in /proc/cpuinfo. */
const linuxNames: Readonly<Record<string, string>> = {
  avx: "AVX",
  avx2: "AVX2",
  fma: "FMA",
  avx512f: "AVX512",
  avx512_vnni: "AVX512_VNNI",
  avx512_bf16: "AVX512_BF16",
  amx_bf16: "AMX_BF16",
  asimd: "NEON",
  sve: "SVE",
  bf16: "BF16",
  i8mm: "I8MM",
};

/** The line of /proc/cpuinfo that names the first processor's instruction sets. */
function linuxInstructions(cpuinfo: string): string {
  return (/^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo)?.[1] ?? "").trim();
}

/** The features named in the text of /proc/cpuinfo. */
export function linuxFeatures(cpuinfo: string): string[] {
  const flags = new Set(linuxInstructions(cpuinfo).split(/\s+/));
  return Object.keys(linuxNames)
    .filter((flag) => flags.has(flag))
    .map((flag) => linuxNames[flag]!);
}

function macFeatures(): string[] {
  try {
    const arm = execFileSync("sysctl", ["hw.optional.arm"], { encoding: "utf8" });
    return ["NEON", ...(/FEAT_BF16: 1/.test(arm) ? ["BF16"] : [])];
  } catch {
    return ["NEON"];
  }
}

export function processor(): Processor {
  const cpuinfo = platform() === "darwin" ? undefined : readFileSync("/proc/cpuinfo", "utf8");
  const features = cpuinfo === undefined ? macFeatures() : linuxFeatures(cpuinfo);
  return {
    name: cpus()[0]?.model.trim() || arch(),
    cores: availableParallelism(),
    features,
    instructions: cpuinfo === undefined ? features.join(" ") : linuxInstructions(cpuinfo),
  };
}
