import { setTimeout as wait } from "node:timers/promises";

let controller = new AbortController();
const running = new Set<Promise<unknown>>();
let stopping: readonly Promise<unknown>[] = [];

/**
 * Run work that the kernel's interrupt (■) can stop. The work looks at `signal` once a step and yields to the event
 * loop there: Node hands signals out between its turns only.
 *
 * Outside the kernel `signal` is never aborted.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  // By now the cell's synchronous part is over; in it Node's vm keeps SIGINT for itself.
  const promise = work(controller.signal);
  running.add(promise);
  try {
    return await promise;
  } finally {
    running.delete(promise);
  }
}

/** Ask all interruptible work to stop; what starts later is not affected. */
export function interrupt(): void {
  stopping = [...running];
  controller.abort(new Error("Interrupted"));
  controller = new AbortController();
}

/**
 * Resolves when all interrupted work has stopped, or after `limit` milliseconds. tslab gives up waiting for an
 * interrupted cell at once: without this its work would go on beside the next cell and print there.
 */
export async function stopped(limit: number): Promise<void> {
  if (stopping.length === 0) return;
  await Promise.race([Promise.allSettled(stopping), wait(limit, undefined, { ref: false })]);
  stopping = [];
}
