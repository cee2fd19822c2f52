import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Name and display name of the kernel, as notebooks record them. */
export const kernelName = "peftlab";
export const kernelDisplayName = "TypeScript (peftlab)";

/** The file of plotly in the kernelspec's folder, which Jupyter's server hands out. */
export const plotlyFile = "plotly.min.js";

/** The global variable that holds plotly once that file has run; no other plotly of a page is touched or used. */
export const plotlyName = `${kernelName}Plotly`;

/** The project that a kernelspec starts the kernel of. */
export interface KernelHome {
  /** Its folder. */
  readonly project: string;
  /** The folder of the kernel's JavaScript, as seen from the project's. */
  readonly kernel: string;
}

/**
 * The content of `kernel.json` in `folder`: this Node, and the program `entry` beside the file. It is known as the
 * kernel's own by `metadata.peftlab`.
 */
export function kernelSpec(
  folder: string,
  home: KernelHome,
  entry = "main.cjs",
): {
  argv: string[];
  display_name: string;
  language: string;
  interrupt_mode: "message";
  metadata: { supported_encryption: readonly string[]; peftlab: KernelHome };
} {
  return {
    argv: [process.execPath, join(folder, entry), "{connection_file}"],
    display_name: kernelDisplayName,
    language: "typescript",
    interrupt_mode: "message",
    metadata: { supported_encryption: ["curve"], peftlab: home },
  };
}

export function writeKernelSpec(into: string, spec: ReturnType<typeof kernelSpec>): void {
  writeFileSync(join(into, "kernel.json"), `${JSON.stringify(spec, null, 2)}\n`);
}

/** Writes the kernel's JavaScript, so that a kernel starts without compiling itself. */
export async function buildKernel(into: string): Promise<void> {
  const { build } = await import("esbuild");
  await build({
    entryPoints: ["main.ts", "sockets.ts", "sigint.ts", "papermill/translate.ts"].map((file) =>
      join(__dirname, file),
    ),
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    // What lies in node_modules is loaded from there.
    packages: "external",
    outdir: into,
    entryNames: "[name]",
    outExtension: { ".js": ".cjs" },
    logLevel: "error",
  });
}

/**
 * Writes plotly for browsers: minified, as the global variable that charts look for, deaf to a page's own module
 * loader, and with its licences.
 */
export async function buildPlotly(into: string): Promise<void> {
  const { build } = await import("esbuild");
  const source = require.resolve("plotly.js-dist");
  const header = /^\/\*.*?\*\//s.exec(readFileSync(source, "utf8"))?.[0] ?? "";
  await build({
    entryPoints: [source],
    bundle: true,
    minify: true,
    format: "iife",
    globalName: plotlyName,
    define: { define: "undefined" },
    // What plotly is made of keeps its licences at the file's end; plotly's own, at its start, is not marked as one.
    legalComments: "eof",
    banner: { js: header },
    charset: "utf8",
    outfile: join(into, plotlyFile),
    logLevel: "error",
  });
}

/** Hash of what the kernel's files are made from. */
export function kernelSources(): string {
  const hash = createHash("sha256");
  const files = readdirSync(__dirname, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  for (const name of files.sort()) hash.update(name).update(readFileSync(join(__dirname, name)));
  hash.update(readFileSync(require.resolve("plotly.js-dist/package.json")));
  return hash.digest("hex");
}
