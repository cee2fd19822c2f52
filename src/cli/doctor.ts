import type { Command } from "commander";
import { loadTask } from "../glue/load";
import { taskNames } from "../glue/tasks";
import {
  checkAddon,
  checkEnvironment,
  checkKernel,
  checkNode,
  checkProcessor,
  checkRoom,
  checkTensorflow,
  checkWeights,
} from "../setup/checks";
import { type Finding, missing, ok, warn } from "../setup/finding";
import { places } from "../setup/where";

/** Reads the tasks from where a run would, without asking the network. */
async function checkData(): Promise<Finding> {
  const environment = { ...process.env, HF_HUB_OFFLINE: "1" };
  try {
    const sources: string[] = [];
    for (const name of taskNames) {
      const { source } = await loadTask(name, { environment, say: () => {} });
      sources.push(`${name}: ${source.kind} (${source.from})`);
    }
    const found = sources.join(", ");
    if (!found.includes("sample")) return ok("Data", found);
    const remedy =
      "A run tries the Hugging Face Hub first; for real GLUE without it, name a folder: PEFTLAB_GLUE=FOLDER.";
    return warn("Data", found, remedy);
  } catch (error) {
    return missing("Data", (error as Error).message, "Mend or replace the file that is named.");
  }
}

function show({ name, state, found, remedy }: Finding): void {
  console.log(
    `${state.padEnd(8)} ${name.padEnd(13)} ${found.replace(/\n/g, `\n${" ".repeat(23)}`)}`,
  );
  if (remedy) console.log(`${" ".repeat(23)}-> ${remedy}`);
}

async function examine(): Promise<void> {
  const checks: (() => Finding | Finding[] | Promise<Finding | Finding[]>)[] = [
    checkNode,
    checkProcessor,
    checkRoom,
    checkEnvironment,
    checkTensorflow,
    checkAddon,
    checkKernel,
    checkWeights,
    checkData,
  ];
  let broken = 0;
  for (const check of checks)
    for (const finding of [await check()].flat()) {
      show(finding);
      if (finding.state === "missing") broken++;
    }
  console.log(broken === 0 ? "\nAll that is needed works." : `\n${broken} of these do not work.`);
  if (broken > 0) process.exitCode = 1;
}

function showPlaces(): void {
  for (const { path, holds, exists } of places())
    console.log(`${path}\n    ${holds}${exists ? "" : " (not there yet)"}`);
}

export function register(program: Command): void {
  program
    .command("doctor")
    .description("say what works on this machine, and how to mend what does not")
    .option("--where", "list every path that is written to, instead")
    .action(async ({ where }: { where?: boolean }) => (where ? showPlaces() : examine()));
}
