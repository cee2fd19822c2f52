import { codeOfCell } from "../context";
import { InterruptedError } from "../interrupts";

/**
 * Errors that no one catches (in a timer, in a promise that no one awaits) are shown as errors of the cell that started
 * them, and the kernel goes on.
 */
export function watchStrays(showError: (error: unknown) => void): void {
  const show = (error: unknown) => {
    // What an interrupted cell left behind; the cell itself has said so.
    if (!(error instanceof InterruptedError && error.isTold)) showError(error);
  };
  process.on("uncaughtException", show);
  process.on("unhandledRejection", show);
}

/** As `process` has it: what `process.exit()` ends with. */
interface EndingProcess {
  reallyExit(code?: number): never;
}

/** Code that would end the kernel gets an error instead. */
export function forbidEnding(): void {
  const refuse = (what: string) => () => {
    throw new Error(
      `${what} would end the kernel and lose all cells' values; use "Shut Down Kernel" in the Kernel menu for that.`,
    );
  };
  const { kill } = process;
  const { reallyExit } = process as unknown as EndingProcess;
  // The kernel itself ends by it.
  Object.assign(process, {
    reallyExit: (code?: number) =>
      codeOfCell() ? refuse("process.reallyExit()")() : reallyExit.call(process, code),
  });
  process.exit = refuse("process.exit()") as typeof process.exit;
  process.abort = refuse("process.abort()") as typeof process.abort;
  process.kill = (pid, signal) =>
    pid === process.pid && signal !== 0
      ? refuse("process.kill() on itself")()
      : kill.call(process, pid, signal);
}
