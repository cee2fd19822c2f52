import { clearTimeout, setTimeout } from "node:timers";
import { withTrueBuiltIns } from "./built-ins";
import { complete } from "./cells/completion";
import type { Session } from "./cells/session";

/** Work in steps for when nobody waits. Whoever comes during a step waits for its end. */
export class IdleWork {
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly steps: Iterator<unknown>) {}

  /** Nobody waits: goes on with the work, one step a turn of the event loop, after so many milliseconds. */
  start(afterMs = 0): void {
    this.stop();
    this.#timer = setTimeout(() => withTrueBuiltIns(() => this.#step()), afterMs).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #step(): void {
    try {
      if (!this.steps.next().done) this.start();
    } catch {
      // A compiler that fails will say so of the first cell.
    }
  }
}

/**
 * The compiler's first work: what a first cell needs, then what the first Tab needs, since JupyterLab waits for an
 * answer no longer than a second.
 */
export function* warmUp(session: Session): Generator<undefined, void> {
  yield* session.warm();
  yield;
  session.importable.open();
  session.language.service.getProgram();
  yield;
  complete(session, "[1].", "[1].".length);
}
