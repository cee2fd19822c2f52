import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../setup/paths";

/** Name and display name of the kernel, as notebooks record them. */
export const kernelName = "peftlab";
export const kernelDisplayName = "TypeScript (peftlab)";

/** The content of `kernel.json`: this Node, this checkout. */
export function kernelSpec(): {
  argv: string[];
  display_name: string;
  language: string;
  interrupt_mode: "signal";
} {
  return {
    argv: [
      process.execPath,
      // Not through NODE_OPTIONS: only the kernel itself and its workers need it.
      "--require",
      require.resolve("tsx/cjs", { paths: [root] }),
      // `import()` within `src` goes by this one.
      "--import",
      pathToFileURL(require.resolve("tsx/esm", { paths: [root] })).href,
      join(root, "src", "kernel", "launch.ts"),
      "{connection_file}",
    ],
    display_name: kernelDisplayName,
    language: "typescript",
    interrupt_mode: "signal",
  };
}

/** Write the kernelspec into `folder` (`…/share/jupyter/kernels/peftlab`), which is made where it is missing. */
export function installKernel(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "kernel.json");
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(kernelSpec(), null, 2)}\n`);
  renameSync(temporary, file);
}
