import { explain, SetupError } from "./failure.cjs";
import { withLock } from "./lock.cjs";
import { lockFile, root } from "./paths";
import { megabytes } from "./progress.cjs";
import { requireSpace } from "./space.cjs";
import type { Step } from "./step";
import { steps } from "./steps";

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/**
 * Makes this machine ready: runs every step that is not done, in order. Costs a few milliseconds
 * when there is none. Messages go to stderr. Throws a SetupError with cause and remedy.
 */
export async function setUp(list: readonly Step[] = steps, lock = lockFile): Promise<void> {
  if (list.every((step) => step.isDone())) return;
  await withLock(lock, () => runSteps(list), say);
}

async function runSteps(list: readonly Step[]): Promise<void> {
  for (const step of list) {
    if (step.isDone()) continue;
    say(`${step.name}: ${step.describes}${size(step)}`);
    checkSpace(step);
    await run(step);
    if (!step.isDone())
      throw new SetupError(
        `${step.name}: the step ended, but what it should leave is not there.`,
        "Start again; if it stays so, please report it with the output of `npm run doctor`.",
      );
  }
}

async function run(step: Step): Promise<void> {
  try {
    await step.run();
  } catch (error) {
    if (error instanceof SetupError) {
      error.message = `${step.name}: ${error.message}`;
      throw error;
    }
    throw explain(step.name, String(error));
  }
}

function size({ download, disk }: Step): string {
  const parts = [
    download && `download ${megabytes(download)}`,
    disk && `${megabytes(disk)} on disk`,
  ];
  return parts.some(Boolean) ? ` (${parts.filter(Boolean).join(", ")})` : "";
}

/** Throws where the disk has not enough room for a step, before it downloads anything. */
export function checkSpace({ name, download, disk }: Step): void {
  requireSpace(name, download + disk, root);
}
