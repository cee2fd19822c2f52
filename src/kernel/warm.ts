import { setImmediate as turn } from "node:timers/promises";

/**
 * Does work in steps, one a turn of the event loop, as long as nobody waits. Whoever comes during a step waits for its
 * end; what a step did need not be done again.
 */
export async function warmUp(steps: Iterable<unknown>, isAwaited: () => boolean): Promise<void> {
  await turn();
  if (isAwaited()) return;
  for (const _ of steps) {
    await turn();
    if (isAwaited()) return;
  }
}
