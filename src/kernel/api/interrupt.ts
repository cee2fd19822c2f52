import { host } from "./host";

const never = new AbortController().signal;

/**
 * Run work that the kernel's interrupt (■) can stop. The work looks at `signal` once a step and yields to the event
 * loop there; the cell then ends when the work has.
 *
 * Outside the kernel `signal` is never aborted.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return await work(host()?.signal() ?? never);
}
