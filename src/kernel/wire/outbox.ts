import { setTimeout as delay } from "node:timers/promises";
import { tellTerminal } from "./stderr";

export interface Sender {
  send(frames: Uint8Array[]): Promise<void>;
}

export interface OutboxOptions {
  /**
   * Tells the socket whether it may drop what a full peer cannot take. A peer gets `patienceMs` to
   * read; then messages to it are lost for a while rather than the kernel standing still.
   */
  readonly allowDrop?: (drop: boolean) => void;
  /** At most so many paced messages in any `windowMs`. */
  readonly pace?: { readonly most: number; readonly windowMs: number };
}

const patienceMs = 10_000;
const dropForMs = 30_000;

/** Sends on one socket, one message after another: a second `send` meanwhile would throw EBUSY. */
export class Outbox {
  readonly #socket: Sender;
  readonly #options: OutboxOptions;
  readonly #times: number[];
  #turn = 0;
  #dropUntil = 0;
  #stopped = false;
  #tail: Promise<void> = Promise.resolve();

  constructor(socket: Sender, options: OutboxOptions = {}) {
    this.#socket = socket;
    this.#options = options;
    this.#times = new Array(options.pace?.most ?? 0).fill(Number.NEGATIVE_INFINITY);
  }

  /** Resolves, and never rejects, when the message is with ZeroMQ. */
  send(frames: Uint8Array[], paced = false): Promise<void> {
    this.#tail = this.#tail.then(async () => {
      if (this.#stopped) return;
      if (paced && this.#times.length > 0) await this.#pace();
      await this.#deliver(frames);
    });
    this.#tail = this.#tail.catch((error) => tellTerminal(`A message was not sent: ${error}`));
    return this.#tail;
  }

  /** Resolves when everything given so far is with ZeroMQ. */
  get sent(): Promise<void> {
    return this.#tail;
  }

  /** What is still here is dropped: the socket closes. */
  stop(): void {
    this.#stopped = true;
  }

  async #deliver(frames: Uint8Array[]): Promise<void> {
    const start = performance.now();
    const { allowDrop } = this.#options;
    if (this.#dropUntil > 0 && start > this.#dropUntil) {
      this.#dropUntil = 0;
      allowDrop?.(false);
    }
    while (!this.#stopped) {
      try {
        return await this.#socket.send(frames);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
        if (performance.now() - start > patienceMs && allowDrop && this.#dropUntil === 0) {
          tellTerminal("A frontend reads nothing: what is sent to it is lost for now.");
          this.#dropUntil = performance.now() + dropForMs;
          allowDrop(true);
        }
        await delay(2);
      }
    }
  }

  async #pace(): Promise<void> {
    const windowMs = this.#options.pace?.windowMs ?? 0;
    const free = (this.#times[this.#turn] ?? 0) + windowMs;
    const now = performance.now();
    if (now < free) await delay(free - now);
    this.#times[this.#turn] = performance.now();
    this.#turn = (this.#turn + 1) % this.#times.length;
  }
}
