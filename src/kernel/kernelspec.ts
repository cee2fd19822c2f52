import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Name and display name of the kernel, as notebooks record them. */
export const kernelName = "peftlab";
export const kernelDisplayName = "TypeScript (peftlab)";

/** The content of `kernel.json` in `folder`: this Node, and the kernel's JavaScript beside the file. */
export function kernelSpec(folder: string): {
  argv: string[];
  display_name: string;
  language: string;
  interrupt_mode: "message";
  metadata: { sources: string; supported_encryption: readonly string[] };
} {
  return {
    argv: [process.execPath, join(folder, "main.cjs"), "{connection_file}"],
    display_name: kernelDisplayName,
    language: "typescript",
    interrupt_mode: "message",
    metadata: { sources: sourcesHash(), supported_encryption: ["curve"] },
  };
}

/**
 * Writes the kernelspec and the kernel's JavaScript into `folder` (`…/share/jupyter/kernels/peftlab`), whole or not at
 * all. It is JavaScript so that a kernel starts without compiling itself.
 */
export function installKernel(folder: string): void {
  const spec = kernelSpec(folder);
  const { buildSync } = require("esbuild") as typeof import("esbuild");
  const draft = `${folder}.${process.pid}`;
  mkdirSync(dirname(folder), { recursive: true });
  try {
    buildSync({
      entryPoints: [join(__dirname, "main.ts"), join(__dirname, "sockets.ts")],
      bundle: true,
      platform: "node",
      format: "cjs",
      target: "node20",
      // What lies in node_modules is loaded from there.
      packages: "external",
      outdir: draft,
      outExtension: { ".js": ".cjs" },
      logLevel: "error",
    });
    writeFileSync(join(draft, "kernel.json"), `${JSON.stringify(spec, null, 2)}\n`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Whether `folder` holds this kernel as its sources are now. */
export function isKernelInstalled(folder: string): boolean {
  try {
    const written: unknown = JSON.parse(readFileSync(join(folder, "kernel.json"), "utf8"));
    return JSON.stringify(written) === JSON.stringify(kernelSpec(folder));
  } catch {
    return false;
  }
}

function sourcesHash(): string {
  const hash = createHash("sha256");
  const files = readdirSync(__dirname, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  for (const name of files.sort()) hash.update(name).update(readFileSync(join(__dirname, name)));
  return hash.digest("hex");
}
