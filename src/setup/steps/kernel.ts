import { relative } from "node:path";
import {
  buildKernel,
  buildPlotly,
  type KernelHome,
  kernelDisplayName,
  kernelSources,
  kernelSpec,
  writeKernelSpec,
} from "../../kernel/kernelspec";
import { hasStamp, replaceFolder } from "../folder";
import { kernelFolder, root } from "../paths";
import type { Step } from "../step";

/** This project, as its kernelspecs name it. */
export const kernelHome: KernelHome = { project: root, kernel: relative(root, kernelFolder) };

/**
 * The kernel and its kernelspec, inside the environment. It names this Node and this folder, so it is
 * written anew when either has changed, or the kernel's sources have.
 */
export function kernelStep(folder = kernelFolder): Step {
  const contents = () => ({ sources: kernelSources(), node: process.execPath, folder });
  return {
    name: "Kernel",
    describes: `the kernel "${kernelDisplayName}" for JupyterLab`,
    download: 0,
    disk: 0,
    isDone: () => hasStamp(folder, contents()),
    run: () =>
      replaceFolder(folder, async (partial) => {
        const made = contents();
        await Promise.all([buildKernel(partial), buildPlotly(partial)]);
        writeKernelSpec(partial, kernelSpec(folder, kernelHome));
        return made;
      }),
  };
}
