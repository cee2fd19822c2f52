import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform } from "node:os";

export interface Processor {
  readonly name: string;
  readonly cores: number;
  /** The instructions that matter for TensorFlow's speed, as people write them. */
  readonly features: readonly string[];
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

/** The features named in the text of /proc/cpuinfo. */
export function linuxFeatures(cpuinfo: string): string[] {
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo)?.[1] ?? "";
  const flags = new Set(line.trim().split(/\s+/));
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
  const features =
    platform() === "darwin" ? macFeatures() : linuxFeatures(readFileSync("/proc/cpuinfo", "utf8"));
  return {
    name: cpus()[0]?.model.trim() || arch(),
    cores: availableParallelism(),
    features,
  };
}
