import { installKernel, isKernelInstalled, kernelDisplayName } from "../../kernel/kernelspec";
import { kernelFolder } from "../paths";
import type { Step } from "../step";

/**
 * The kernel and its kernelspec, inside the environment. It names this Node and this folder, so it is
 * written anew when either has changed, or the kernel's sources have.
 */
export function kernelStep(folder = kernelFolder): Step {
  return {
    name: "Kernel",
    describes: `the kernel "${kernelDisplayName}" for JupyterLab`,
    download: 0,
    disk: 0,
    isDone: () => isKernelInstalled(folder),
    run: async () => installKernel(folder),
  };
}
