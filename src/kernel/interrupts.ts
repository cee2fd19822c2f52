import { setTimeout } from "node:timers";
import { holdBuiltIns, selfContained, withTrueBuiltIns } from "./built-ins";
import { codeOfCell, currentCell } from "./context";
import { InterruptedError, OutOfMemoryError } from "./errors/ended";
import { createCheckpoint } from "./modules/checkpoints";
import { endJavaScript, repairAfterTermination } from "./termination";
import type { Timers } from "./timers";
import type { Link } from "./wire/link";

const cutFromOutside =
  "the code did not end by itself within a second, so it was ended from outside and its finally blocks did not run";

/** Milliseconds until a cell that is cut is no longer waited for. */
const patience = 300;
/** Milliseconds that a cell which asked for the signal has to end by itself: a step of training and its checkpoint. */
const grace = 10_000;

// Cells may replace these; the kernel keeps the true ones.
const soon = queueMicrotask;
const later = setTimeout;
const now = performance.now.bind(performance);

/** The cell that is waited for. */
interface Running {
  readonly cell: string;
  /** Behind `interrupt.signal`. */
  readonly asked: AbortController;
  /** Aborted when the cell is cut. */
  readonly cut: AbortController;
  /** Whether it asked for the signal. */
  listens: boolean;
  interruptedAt: number | undefined;
  /** What an interrupt ends it with. */
  reason: InterruptedError;
  /** Ends the wait for it. */
  leave: (error: unknown) => void;
}

/** The interrupt of the running cell. */
export class Interrupts {
  private running: Running | undefined;
  /** Interrupts that were asked for before the running request: they were not meant for it. */
  private seen: number;
  /** Interrupts that the event loop has heard of; while it is behind, some code holds the thread. */
  private heard: number;
  /** Cells that were ended; what is left of them is cut whenever it goes on. */
  private readonly ended = selfContained(new Set<string>());
  readonly checkpoint = createCheckpoint(() => this.cut());

  constructor(
    private readonly link: Pick<Link, "interrupts">,
    private readonly timers: Timers,
  ) {
    this.seen = this.heard = link.interrupts();
  }

  /** Aborted when the running cell is interrupted. A cell that asks for it is given time to end by itself. */
  get signal(): AbortSignal {
    if (this.running) this.running.listens = true;
    return this.askedSignal;
  }

  /** The same for what the kernel itself ends at once. */
  get askedSignal(): AbortSignal {
    return (this.running?.asked ?? new AbortController()).signal;
  }

  /** Aborted when the cell that the present code belongs to is cut; undefined where nobody waits for that cell. */
  get cutSignal(): AbortSignal | undefined {
    const { running } = this;
    return currentCell()?.header.msg_id === running?.cell ? running?.cut.signal : undefined;
  }

  /** A request begins: what is asked for from now on is meant for it. */
  begin(): void {
    this.seen = this.heard = this.link.interrupts();
    this.checkpoint.stop = false;
  }

  /**
   * Runs a cell's code; an interrupt ends the wait for it.
   *
   * @param cell id of its request
   */
  async during<T>(cell: string, body: () => Promise<T>): Promise<T> {
    // While the compiler worked.
    if (this.isAsked()) throw new InterruptedError();
    const running: Running = {
      cell,
      asked: new AbortController(),
      cut: new AbortController(),
      listens: false,
      interruptedAt: undefined,
      reason: new InterruptedError(),
      leave: () => {},
    };
    this.running = running;
    try {
      return await new Promise<T>((resolve, reject) => {
        // Code that is ended from outside takes with it all calls below it and all reactions of promises that wait. So
        // the kernel's own calls are never below it, and what the kernel does next comes by a timer.
        const take = (settle: () => void) => {
          later(() => {
            holdBuiltIns();
            repairAfterTermination();
            settle();
          }, 0);
        };
        running.leave = (error) => take(() => reject(error));
        soon(async () => {
          try {
            const value = await body();
            if (running.interruptedAt === undefined) take(() => resolve(value));
            else running.leave(running.reason);
          } catch (error) {
            running.leave(running.interruptedAt === undefined ? error : running.reason);
          }
        });
      });
    } finally {
      if (running.interruptedAt !== undefined) this.end(cell);
      this.running = undefined;
      this.checkpoint.stop = false;
    }
  }

  /** Called by the event loop: ends the running cell. Without one nothing happens. */
  interrupt(): void {
    this.heard = this.link.interrupts();
    repairAfterTermination();
    const { running } = this;
    if (!running || !this.isAsked()) {
      this.checkpoint.stop = false;
      return;
    }
    this.notice();
    this.abort(running);
    const end = () => {
      running.cut.abort(running.reason);
      this.timers.wake(running.cell);
      later(() => running.leave(running.reason), patience);
    };
    if (this.isDue(running)) end();
    else later(() => withTrueBuiltIns(end), grace);
  }

  /** Called by the socket thread in the midst of whatever runs: it will be asked whether it must end. */
  readonly notice = (): void => {
    // What a cell did to the built-ins may keep messages from the event loop.
    withTrueBuiltIns(() => {
      this.checkpoint.stop = true;
      if (this.running && this.isAsked()) this.running.interruptedAt ??= now();
    });
  };

  /** Called by the socket thread in the midst of whatever runs, when the event loop has not come round for a second. */
  readonly terminate = (): void => {
    const { running } = this;
    const cell = codeOfCell();
    // The kernel's own work ends by itself, and is cut only between its steps.
    if (!cell || !this.isStuck()) return;
    const isRunning = running?.cell === cell.header.msg_id;
    if (isRunning && !this.isDue(running)) return;
    holdBuiltIns();
    if (isRunning) running.reason = new InterruptedError(cutFromOutside);
    else this.end(cell.header.msg_id);
    endJavaScript(isRunning ? running.reason : new InterruptedError(cutFromOutside, false));
  };

  /** Called by the socket thread in the midst of whatever filled the heap. */
  readonly exhaust = (): void => {
    const { running } = this;
    const cell = codeOfCell();
    holdBuiltIns();
    // The kernel's own work needs little: what fills the heap is what a cell left, not collected yet. V8 gives some room.
    if (!cell) return;
    const isRunning = running?.cell === cell.header.msg_id;
    const error = new OutOfMemoryError(isRunning);
    if (isRunning) {
      running.interruptedAt ??= now();
      running.reason = error;
      running.leave(error);
    } else this.end(cell.header.msg_id);
    endJavaScript(error);
  };

  /** Throws where code must end. */
  private cut(): void {
    const { stop } = this.checkpoint;
    if (!stop && this.ended.size === 0) return;
    const cell = currentCell()?.header.msg_id ?? "";
    const { running } = this;
    if (running?.cell === cell && stop && this.isAsked()) {
      this.abort(running);
      if (this.isDue(running)) throw running.reason;
    } else if (this.ended.has(cell)) {
      throw new InterruptedError();
    } else if (stop && running?.cell !== cell && this.isStuck()) {
      // What an earlier cell left holds the thread.
      this.end(cell);
      throw new InterruptedError("", false);
    }
  }

  private abort(running: Running): void {
    running.interruptedAt ??= now();
    running.asked.abort(running.reason);
  }

  private end(cell: string): void {
    this.ended.add(cell);
    this.timers.clear(cell);
  }

  private isAsked(): boolean {
    return this.link.interrupts() !== this.seen;
  }

  private isStuck(): boolean {
    return this.link.interrupts() !== this.heard;
  }

  /** Whether code may be cut: at once, but for what ends by itself; asked twice, that too. */
  private isDue({ listens, interruptedAt }: Running): boolean {
    return (
      !listens || this.link.interrupts() - this.seen > 1 || now() - (interruptedAt ?? now()) > grace
    );
  }
}
