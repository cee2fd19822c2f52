import { clearTimeout, setTimeout } from "node:timers";

/** Milliseconds between two pictures of a bar: ten a second. */
const interval = 100;

/** Draws at most ten times a second, and never leaves out the last time. */
export class Pace {
  private drawnAt = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly draw: (final: boolean) => void) {}

  /** Something changed. */
  ask(): void {
    // The clock is looked at each time: code that never waits gets no timer.
    if (performance.now() - this.drawnAt >= interval) this.now(false);
    else this.timer ??= setTimeout(() => this.now(false), interval);
  }

  /** Nothing will change any more. */
  end(): void {
    this.now(true);
  }

  private now(final: boolean): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.drawnAt = performance.now();
    this.draw(final);
  }
}
