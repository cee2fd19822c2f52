import { Session } from "node:inspector";
import { Shared } from "./messages";

/** Global under which the main thread leaves what is to be called in the midst of its code. */
export const midway = "peftlab.kernel.midway";

/** What the main thread leaves there. */
export interface Midway {
  /** An interrupt was asked for. */
  notice(): void;
  /** An interrupt had no effect for a second. */
  terminate(): void;
  /** The heap is full. */
  exhaust(): void;
}

/** The call of a function of the main thread, as a script: it names nothing that cells may replace. */
export function callMidway(name: keyof Midway): { expression: string; silent: boolean } {
  return { expression: `this[${JSON.stringify(midway)}]?.${name}()`, silent: true };
}

/** Milliseconds between two looks whether an interrupt had an effect. */
const everyMs = 1000;
/** How many of them may find the main thread inside native code before the user is told. */
const patientTurns = 5;

const stuckText =
  "The cell is inside native code, which cannot be interrupted: it ends when that returns. " +
  '"Restart Kernel" in the Kernel menu ends it now and loses all cells\' values.\n';

/** The interrupts, as the socket thread brings them to a main thread that may be computing. */
export class Interruption {
  readonly #shared: Int32Array;
  readonly #post: () => void;
  readonly #tell: (text: string) => void;
  #session: Session | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param post tells the main thread's event loop
   * @param tell shows the user a line below the running cell
   */
  constructor(shared: Int32Array, post: () => void, tell: (text: string) => void) {
    this.#shared = shared;
    this.#post = post;
    this.#tell = tell;
  }

  interrupt(): void {
    Atomics.add(this.#shared, Shared.interrupts, 1);
    this.#post();
    this.#call("notice");
    this.#stopWatching();
    let silent = 0;
    this.#timer = setInterval(() => {
      if (this.#isHeard()) return this.#stopWatching();
      this.#post();
      if (this.#session) silent += 1;
      else this.#call("terminate");
      if (silent === patientTurns) this.#tell(stuckText);
    }, everyMs);
  }

  /** To be called before the process ends: it would wait for the inspector. */
  end(): void {
    this.#stopWatching();
    this.#session?.disconnect();
    this.#session = undefined;
  }

  #stopWatching(): void {
    clearInterval(this.#timer);
  }

  #isHeard(): boolean {
    const { heard, interrupts } = Shared;
    return Atomics.load(this.#shared, heard) === Atomics.load(this.#shared, interrupts);
  }

  /** Calls a function of the main thread between two steps of what it runs; inside native code, after it. */
  #call(name: keyof Midway): void {
    // The one before has not been reached yet, and will do.
    if (this.#session) return;
    const session = new Session();
    this.#session = session;
    session.connectToMainThread();
    session.post("Runtime.evaluate", callMidway(name), () => {
      session.disconnect();
      if (this.#session === session) this.#session = undefined;
    });
  }
}
