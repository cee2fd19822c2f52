import { SetupError } from "./failure.cjs";
import { withLock } from "./lock.cjs";
import { lockFile } from "./paths";
import type { Step } from "./step";
import { steps } from "./steps";

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/**
 * Makes this machine ready: runs every step that is not done, in order. Costs a few milliseconds
 * when there is none. Messages go to stderr.
 */
export async function setUp(list: readonly Step[] = steps, lock = lockFile): Promise<void> {
  if (list.every((step) => step.isDone())) return;
  await withLock(
    lock,
    async () => {
      for (const step of list) {
        if (step.isDone()) continue;
        say(`${step.name}: ${step.describes} (${step.size})`);
        await step.run();
        if (!step.isDone())
          throw new SetupError(
            `${step.name}: the step ended, but what it should leave is not there.`,
            "Start again; if it stays so, please report it with the output of `npm run doctor`.",
          );
      }
    },
    say,
  );
}
