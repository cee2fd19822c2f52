import { setTimeout } from "node:timers";
import { currentCell } from "./context";
import type { Checkpoint } from "./modules/checkpoints";
import type { Link } from "./wire/link";

/** What an interrupted cell ends with. */
export class InterruptedError extends Error {
  override name = "KeyboardInterrupt";
}

const interrupted = "The cell was interrupted.";

/** Milliseconds until a cell that is cut is no longer waited for. */
const patience = 300;
/** Milliseconds that a cell which asked for the signal has to end by itself: a step of training and its checkpoint. */
const grace = 10_000;

/** The interrupt of the running cell. */
export class Interrupts {
  private controller = new AbortController();
  /** Whether the running cell asked for the signal. */
  private listened = false;
  private interruptedAt: number | undefined;
  private reject: ((error: Error) => void) | undefined;
  /** Interrupts that were asked for before the running cell started, or that it has been ended by. */
  private seen: number;
  /** Cells that were ended; what is left of them is cut whenever it runs. */
  private readonly ended = new Set<string>();
  readonly checkpoint: Checkpoint;

  /** @param clearTimers ends a cell's timers */
  constructor(
    private readonly link: Pick<Link, "interrupts">,
    private readonly clearTimers: (cell: string) => void,
  ) {
    this.seen = link.interrupts();
    const isCut = () =>
      (this.reject !== undefined && link.interrupts() !== this.seen && this.isDue()) ||
      (this.ended.size > 0 && this.ended.has(currentCell()?.header.msg_id ?? ""));
    const cut = () => {
      throw new InterruptedError(interrupted);
    };
    this.checkpoint = {
      get stop() {
        return isCut();
      },
      cut,
      pass(value) {
        if (isCut()) cut();
        return value;
      },
    };
  }

  /** Aborted when the running cell is interrupted. */
  get signal(): AbortSignal {
    this.listened = true;
    return this.controller.signal;
  }

  /** A request begins: what is asked for from now on is meant for it. */
  begin(): void {
    this.seen = this.link.interrupts();
  }

  /**
   * Runs a cell's code; an interrupt ends the wait for it.
   *
   * @param cell id of its request
   */
  async during<T>(cell: string, body: () => Promise<T>): Promise<T> {
    // While the compiler worked.
    if (this.link.interrupts() !== this.seen) throw new InterruptedError(interrupted);
    this.controller = new AbortController();
    this.listened = false;
    this.interruptedAt = undefined;
    const { signal } = this.controller;
    try {
      return await new Promise<T>((resolve, reject) => {
        this.reject = reject;
        body().then((result) => (signal.aborted ? reject(signal.reason) : resolve(result)), reject);
      });
    } finally {
      if (signal.aborted) this.end(cell);
      this.reject = undefined;
    }
  }

  private end(cell: string): void {
    this.ended.add(cell);
    this.clearTimers(cell);
  }

  /** Ends the running cell; without one nothing happens. */
  interrupt(): void {
    const { reject } = this;
    // One that came late was not meant for what runs now.
    if (!reject || this.link.interrupts() === this.seen) return;
    const error = new InterruptedError(interrupted);
    this.controller.abort(error);
    setTimeout(() => reject(error), this.isDue() ? patience : grace + patience);
  }

  /** Whether code may be cut: at once, but for what ends by itself; asked twice, that too. */
  private isDue(): boolean {
    this.interruptedAt ??= performance.now();
    return (
      !this.listened ||
      this.link.interrupts() - this.seen > 1 ||
      performance.now() - this.interruptedAt > grace
    );
  }
}
