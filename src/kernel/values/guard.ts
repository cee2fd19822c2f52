import { clearTimeout, setTimeout } from "node:timers";
import { type Context, createContext, Script } from "node:vm";

/** Milliseconds a value may take to show itself. */
export const patience = 30_000;

// Taken now: a cell may replace them.
const start = setTimeout;
const stop = clearTimeout;

const box: { run: (() => unknown) | undefined } = { run: undefined };
// Named like Node's own files, whose frames no trace shows.
const script = new Script("run()", { filename: "node:guard" });
let context: Context | undefined;

/**
 * What `action` returns, or what it throws; code that does not end by itself (a getter, a Proxy's trap) is ended after
 * `limit` milliseconds with an error. May be nested.
 */
export function withinTime<T>(action: () => T, limit = patience): T {
  context ??= createContext(box);
  // Kept beside the script: the time may be up just when all is done.
  let outcome: { readonly value: T } | { readonly error: unknown } | undefined;
  box.run = () => {
    try {
      outcome = { value: action() };
    } catch (error) {
      outcome = { error };
    }
  };
  try {
    script.runInContext(context, { timeout: limit, displayErrors: false });
  } catch (error) {
    if (outcome === undefined) throw isTimeout(error) ? tooLong(limit) : error;
  } finally {
    box.run = undefined;
  }
  const done = outcome as unknown as { value: T } | { error: unknown };
  if ("error" in done) throw done.error;
  return done.value;
}

/** The same for what a promise becomes: waited for `limit` milliseconds, and no longer than until `signal` aborts. */
export function settled<T>(
  promise: T | PromiseLike<T>,
  limit = patience,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => finish(() => reject(signal?.reason));
    const timer = start(() => finish(() => reject(tooLong(limit))), limit);
    const finish = (end: () => void) => {
      stop(timer);
      signal?.removeEventListener("abort", abort);
      end();
    };
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort, { once: true });
    void (async () => {
      try {
        const value = await promise;
        finish(() => resolve(value));
      } catch (error) {
        finish(() => reject(error));
      }
    })();
  });
}

function tooLong(limit: number): Error {
  return new Error(`The value did not show itself within ${limit / 1000} seconds.`);
}

function isTimeout(error: unknown): boolean {
  try {
    return (error as { code?: unknown } | undefined)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
  } catch {
    return false;
  }
}
