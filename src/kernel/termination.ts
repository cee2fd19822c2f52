import { Session } from "node:inspector";

/** As `process` has it: it is how Node itself hands an error over that nobody caught. */
interface FatalProcess {
  _fatalException?(error: unknown, fromPromise: boolean): boolean;
}

const repairs: (() => void)[] = [];
let session: Session | undefined;
let ended = false;

/** Notes what mends state that code which is ended from outside leaves behind: its `finally` blocks do not run. */
export function afterTermination(repair: () => void): void {
  repairs.push(repair);
}

/** Mends what the code that was ended from outside left behind. To be called by the event loop. */
export function repairAfterTermination(): void {
  if (!ended) return;
  ended = false;
  for (const repair of repairs) repair();
}

/**
 * Ends all JavaScript that is running: the calls up to the event loop, and the reactions of promises that wait. Nothing
 * can catch it, and no `finally` runs. To be called in the midst of it, by the inspector.
 *
 * @param error goes to the listeners for errors that nobody caught
 */
export function endJavaScript(error: Error): void {
  // Node keeps a stack of what caused what runs now, which code that is ended does not take down, and stops the process
  // where it finds the stack wrong. Handling an error empties it.
  (process as FatalProcess)._fatalException?.(error, false);
  ended = true;
  session ??= openSession();
  // The last call: it takes effect at the next one.
  session.post("Runtime.terminateExecution");
}

function openSession(): Session {
  const opened = new Session();
  opened.connect();
  // The process would wait for it.
  process.once("exit", () => opened.disconnect());
  return opened;
}
