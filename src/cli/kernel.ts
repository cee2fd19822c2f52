import type { Command } from "commander";
import { kernelDisplayName } from "../kernel/kernelspec";
import { root } from "../setup/paths";
import {
  type InstalledKernel,
  installedKernels,
  installForUser,
  shortcoming,
  uninstallForUser,
  versionOf,
} from "../setup/user-kernel";

async function install(): Promise<void> {
  const { folder, before } = await installForUser();
  console.log(`"${kernelDisplayName}" is now known to every Jupyter of yours: ${folder}`);
  console.log("It starts the kernel of the project that a notebook lies in, elsewhere this one's.");
  const { project } = before?.ours?.home ?? { project: root };
  if (project !== root) console.log(`Elsewhere it was that of ${project}.`);
}

async function uninstall(): Promise<void> {
  const removed = await uninstallForUser();
  console.log(removed ? `Removed ${removed.folder}` : "It is not installed for you.");
}

async function list(): Promise<void> {
  const found = await installedKernels();
  for (const kernel of found) console.log(`${kernel.folder}\n    ${describe(kernel)}`);
  if (!found.some(({ ours }) => ours?.launches))
    console.log("Not installed for you: npm run kernel -- install --user");
}

function describe(kernel: InstalledKernel): string {
  const { ours, title } = kernel;
  if (!ours) return `another's: ${title}`;
  const elsewhere = ours.launches ? "the project around the notebook, else " : "";
  const version = versionOf(ours.home) ?? "(gone)";
  const problem = shortcoming(kernel);
  const state = problem
    ? `not current: ${problem}; ${ours.launches ? "install again" : "npm run doctor says more"}`
    : "current";
  return `starts ${elsewhere}peftlab ${version} in ${ours.home.project}; ${state}`;
}

export function register(program: Command): void {
  const kernel = program
    .command("kernel")
    .description("make the kernel known to Jupyter outside this project");
  kernel
    .command("install")
    .description("for every Jupyter of this user")
    .requiredOption("--user", "for this user: there is no other place")
    .action(install);
  kernel.command("uninstall").description("undo that").action(uninstall);
  kernel
    .command("list")
    .description("where Jupyter finds it, what it starts, and whether it is current")
    .action(list);
}
