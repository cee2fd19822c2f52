import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { withTrueBuiltIns } from "../built-ins";
import { codeOfCell } from "../context";
import { InterruptedError } from "./ended";

/**
 * Errors that no one catches (in a timer, in a promise that no one awaits) are shown as errors of the cell that started
 * them, and the kernel goes on.
 */
export function watchStrays(showError: (error: unknown) => void): void {
  const show = (error: unknown) =>
    withTrueBuiltIns(() => {
      // What an interrupted cell left behind; the cell itself has said so.
      if (!(error instanceof InterruptedError && error.isTold)) showError(error);
    });
  const call = Reflect.apply;
  let emit: unknown = process.emit;
  // Not a listener: code may remove all of them, and Node ends the process where one throws or none is there.
  const guarded = function (this: unknown, ...given: readonly [string, ...unknown[]]): boolean {
    const isStray = given[0] === "uncaughtException" || given[0] === "unhandledRejection";
    try {
      if (isStray) show(given[1]);
      return call(emit as () => boolean, this, given) || isStray;
    } catch (error) {
      if (!isStray && given[0] !== "uncaughtExceptionMonitor") throw error;
      show(error);
      return true;
    }
  };
  Object.defineProperty(process, "emit", {
    get: () => guarded,
    set: (given: unknown) => {
      emit = given;
    },
    configurable: false,
  });
  // The other thing of `process` that Node calls for such an error.
  Object.defineProperty(process, "_fatalException", { writable: false, configurable: false });
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
  process.setUncaughtExceptionCaptureCallback = refuse(
    "process.setUncaughtExceptionCaptureCallback()",
  );
  process.exit = refuse("process.exit()") as typeof process.exit;
  process.abort = refuse("process.abort()") as typeof process.abort;
  process.kill = (pid, signal) =>
    pid === process.pid && signal !== 0
      ? refuse("process.kill() on itself")()
      : kill.call(process, pid, signal);
  // Node stops where the next file gets the number of standard input, output or error and is closed.
  const guard = <T extends typeof fs.close | typeof fs.closeSync>(close: T): T =>
    new Proxy(close, {
      apply: (_, on, given: [number]) =>
        given[0] <= 2 ? refuse(`Closing file ${given[0]}`)() : Reflect.apply(close, on, given),
    });
  fs.close = guard(fs.close);
  fs.closeSync = guard(fs.closeSync);
  syncBuiltinESMExports();
}
