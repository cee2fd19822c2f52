import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kernelFolder, notebooksFolder, python, root } from "../../src/setup/paths";
import { denoProgram } from "./deno";

/** A kernel as Jupyter starts it. */
export interface KernelToStart {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly interrupt_mode: "message" | "signal";
  readonly cwd: string;
}

const started = ({
  argv,
  env = {},
  interrupt_mode = "signal",
}: Partial<KernelToStart> & Pick<KernelToStart, "argv">): KernelToStart => ({
  ...{ argv, env, interrupt_mode },
  cwd: notebooksFolder,
});

const tslabArgv = [
  process.execPath,
  join(root, "node_modules", "tslab", "bin", "tslab"),
  ...["kernel", "--config-path", "{connection_file}"],
];

/** Our kernel and those it is compared with, by the name of their kernelspec. */
const starts = {
  // As set-up installed it.
  peftlab: () => started(JSON.parse(readFileSync(join(kernelFolder, "kernel.json"), "utf8"))),
  tslab: () => started({ argv: tslabArgv }),
  deno: () =>
    started({
      argv: [denoProgram, "jupyter", "--kernel", "--conn", "{connection_file}"],
      env: { DENO_NO_UPDATE_CHECK: "1" },
    }),
  python3: () => started({ argv: [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"] }),
} satisfies Record<string, () => KernelToStart>;

export type KernelName = keyof typeof starts;

export const kernelNames = Object.keys(starts) as KernelName[];

export const kernelToStart = (name: KernelName): KernelToStart => starts[name]();

/** Puts kernelspecs where Jupyter finds them when `folder` is `JUPYTER_DATA_DIR`. */
export function writeKernelspecs(folder: string, names: readonly KernelName[]): void {
  for (const name of names) {
    const { argv, env, interrupt_mode } = kernelToStart(name);
    const language = name === "python3" ? "python" : "typescript";
    const own = join(folder, "kernels", name);
    mkdirSync(own, { recursive: true });
    const spec = { argv, env, interrupt_mode, language, display_name: name };
    writeFileSync(join(own, "kernel.json"), JSON.stringify(spec));
  }
}
