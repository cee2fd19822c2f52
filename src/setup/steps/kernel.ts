import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installKernel, kernelDisplayName, kernelSpec } from "../../kernel/kernelspec";
import { kernelFolder } from "../paths";
import type { Step } from "../step";

/**
 * The kernelspec, inside the environment. It names this Node and this folder, so it is written anew
 * when either has changed.
 */
export function kernelStep(folder = kernelFolder): Step {
  return {
    name: "Kernel",
    describes: `the kernel "${kernelDisplayName}" for JupyterLab`,
    download: 0,
    disk: 0,
    isDone() {
      try {
        const written: unknown = JSON.parse(readFileSync(join(folder, "kernel.json"), "utf8"));
        return JSON.stringify(written) === JSON.stringify(kernelSpec());
      } catch {
        return false;
      }
    },
    run: async () => installKernel(folder),
  };
}
