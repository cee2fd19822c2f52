import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const status = "/proc/self/status";

/** Bytes of the largest resident set. Linux's other count starts with that of the process that started this one. */
export function peakBytes(): number {
  if (!existsSync(status)) return 1024 * process.resourceUsage().maxRSS;
  return 1024 * Number(/VmHWM:\s*(\d+) kB/.exec(readFileSync(status, "utf8"))![1]);
}

/** From here on `peakBytes` is of what follows. Gives false where the system cannot do that. */
export function resetPeak(): boolean {
  if (!existsSync(status)) return false;
  writeFileSync("/proc/self/clear_refs", "5");
  return true;
}

/** Bytes that are taken on the graphics card, by all of its users. */
export function deviceMemory(): number {
  const query = ["--query-gpu=memory.used", "--format=csv,noheader,nounits"];
  return 2 ** 20 * Number.parseInt(execFileSync("nvidia-smi", query, { encoding: "utf8" }), 10);
}
