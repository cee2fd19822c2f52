import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { type KernelHome, kernelName, kernelSpec, writeKernelSpec } from "../kernel/kernelspec";
import { SetupError } from "./failure.cjs";
import { hasStamp, remove, replaceFolder } from "./folder";
import { kernelFolder, python } from "./paths";
import { runProgram } from "./program";
import { kernelHome } from "./steps/kernel";

const launcher = "launch.cjs";

/** A kernelspec named `peftlab` where Jupyter looks for one. */
export interface InstalledKernel {
  readonly folder: string;
  /** The Node it names and the project it starts; undefined for another's. */
  readonly ours?: { readonly node: string; readonly home: KernelHome; readonly launches: boolean };
  /** What Jupyter calls it. */
  readonly title: string;
}

interface KernelFolders {
  /** The user's own. */
  readonly user: string;
  /** All that Jupyter looks in, the user's among them; the first that has a name wins. */
  readonly all: readonly string[];
}

/** Jupyter's own answer, from the variables and customs of this system. */
async function kernelFolders(): Promise<KernelFolders> {
  const question = `
import json
from jupyter_client.kernelspec import KernelSpecManager
manager = KernelSpecManager()
print(json.dumps({"user": manager.user_kernel_dir, "all": manager.kernel_dirs}))
`;
  return JSON.parse(await runProgram(python, ["-I", "-c", question], { what: "jupyter_client" }));
}

/** The kernelspecs of this name, in the order in which Jupyter finds them. */
export async function installedKernels(): Promise<InstalledKernel[]> {
  const { all } = await kernelFolders();
  return all.flatMap(kernelsIn);
}

/** Jupyter does not tell upper case from lower. */
function kernelsIn(folder: string): InstalledKernel[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => name.toLowerCase() === kernelName)
    .map((name) => readKernel(join(folder, name)));
}

function readKernel(folder: string): InstalledKernel {
  try {
    const spec = JSON.parse(readFileSync(join(folder, "kernel.json"), "utf8"));
    const title = String(spec.display_name);
    const home: KernelHome | undefined = spec.metadata?.peftlab;
    if (typeof home?.project !== "string" || typeof home.kernel !== "string")
      return { folder, title };
    const [node, program] = spec.argv.map(String);
    return { folder, title, ours: { node, home, launches: basename(program) === launcher } };
  } catch {
    return { folder, title: "no readable kernel.json" };
  }
}

/**
 * Makes the kernel known to every Jupyter of this user.
 *
 * @returns where it is now, and what was there before
 * @throws SetupError where the name is another's, the place a project's own environment, or not to be written to
 */
export async function installForUser(): Promise<{ folder: string; before?: InstalledKernel }> {
  const { user, all } = await kernelFolders();
  const other = all.flatMap(kernelsIn).find(({ ours }) => !ours);
  if (other) throw taken(other);
  const before = ownIn(user);
  const folder = before?.folder ?? join(user, kernelName);
  try {
    await replaceFolder(folder, async (partial) => {
      for (const file of launcherFiles()) copyFileSync(file, join(partial, basename(file)));
      writeKernelSpec(partial, kernelSpec(folder, kernelHome, launcher));
      return contents();
    });
  } catch (error) {
    throw new SetupError(
      `${folder} cannot be written: ${(error as Error).message}.`,
      "Make its parent folder yours and writable, or name another data folder with JUPYTER_DATA_DIR.",
    );
  }
  return { folder, before };
}

/**
 * Removes what `installForUser` of any project left.
 *
 * @returns what was removed; undefined where there was nothing
 * @throws SetupError as `installForUser` does
 */
export async function uninstallForUser(): Promise<InstalledKernel | undefined> {
  const { user } = await kernelFolders();
  const other = kernelsIn(user).find(({ ours }) => !ours);
  if (other) throw taken(other);
  const before = ownIn(user);
  if (before) remove(before.folder);
  return before;
}

/** What was installed for the user; never a project's own environment, which set-up makes. */
function ownIn(user: string): InstalledKernel | undefined {
  const found = kernelsIn(user).find(({ ours }) => ours);
  if (found && !found.ours?.launches)
    throw new SetupError(
      `${found.folder} is the kernel of ${found.ours?.home.project} itself, not a user's.`,
      "A terminal of JupyterLab sets JUPYTER_DATA_DIR: use another, or start with `env -u JUPYTER_DATA_DIR`.",
    );
  return found;
}

function taken({ folder, title }: InstalledKernel): SetupError {
  return new SetupError(
    `The name "${kernelName}" belongs to another kernel: "${title}" in ${folder}.`,
    "Rename or remove that folder, if it is yours; then start again. Nothing was changed.",
  );
}

/** The launcher, and what Jupyter serves to the browser out of a kernelspec: scripts and pictures. */
function launcherFiles(): string[] {
  const served = readdirSync(kernelFolder).filter(
    (name) => !name.startsWith(".") && ![".cjs", ".json"].includes(extname(name)),
  );
  return [
    ...[launcher, "node.cjs"].map((name) => join(__dirname, name)),
    ...served.map((name) => join(kernelFolder, name)),
  ];
}

function contents(): { launcher: string } {
  const hash = createHash("sha256");
  for (const file of launcherFiles().sort()) hash.update(basename(file)).update(readFileSync(file));
  return { launcher: hash.digest("hex") };
}

/** Version of the project that a kernelspec starts; undefined where it has no kernel any more. */
export function versionOf({ project, kernel }: KernelHome): string | undefined {
  if (!existsSync(join(project, kernel, "main.cjs"))) return undefined;
  try {
    return String(JSON.parse(readFileSync(join(project, "package.json"), "utf8")).version);
  } catch {
    return undefined;
  }
}

/** What keeps a kernelspec of ours from working as one installed now would; undefined where nothing does. */
export function shortcoming({ folder, ours }: InstalledKernel): string | undefined {
  if (!ours) return undefined;
  if (!existsSync(ours.node)) return `its Node, ${ours.node}, is gone`;
  if (versionOf(ours.home) === undefined) return `there is no kernel in ${ours.home.project}`;
  if (ours.launches && !hasStamp(folder, contents())) return "its launcher is of another version";
  return undefined;
}
