import { cutAt } from "./json";
import type { Header, StreamName } from "./messages";

/** Printed text that becomes one message. */
export interface Segment {
  readonly name: StreamName;
  readonly parent: Header | undefined;
  text: string;
  /** Bytes of `text` as JSON. */
  bytes: number;
  /** What is given back to the main thread's account once it is sent. */
  weight: number;
}

export interface StreamsOptions {
  readonly send: (segment: Segment) => void;
  /** Weight of text that was left out. */
  readonly release: (weight: number) => void;
}

const chunkLength = 16 * 1024;
const mostBytes = 512 * 1024;
/** Of a cell's output so much is sent at once, and so much a second more: whoever prints slowly is not cut. */
const headBytes = 512 * 1024;
const headBytesPerSecond = 16 * 1024;
const tailBytes = 256 * 1024;
/** What Jupyter Server looks at together. */
const windowMs = 3000;
const tooMuch =
  "Too much output for Jupyter Server: the last part of what follows is shown when the cell ends";
/** As many changes between streams keep their order in one flush; beyond, each stream is merged. */
const mostTurns = 8;

/** What of the output of a cell was sent, and what is held back until its end. */
class Ledger {
  sent = 0;
  since = performance.now();
  /** Whether the head is sent, and the last part awaited. */
  isFull = false;
  /** Whether what was held back was sent before the end. */
  isSettled = false;
  /** From `first` on: the last part. A cursor, for `shift` on a long array is slow. */
  held: Segment[] = [];
  first = 0;
  bytes = 0;
  omitted = 0;

  /** Whether a segment is among what is sent at once. */
  admits({ bytes }: Segment): boolean {
    if (!this.isFull && this.sent >= headBytes) {
      const seconds = (performance.now() - this.since) / 1000;
      this.isFull = this.sent >= headBytes + headBytesPerSecond * seconds;
    }
    if (!this.isFull) this.sent += bytes;
    return !this.isFull;
  }

  hold(segment: Segment): void {
    const last = this.held.at(-1);
    if (last && isSame(last, segment) && last.text.length < chunkLength) merge(last, segment);
    else this.held.push(segment);
    this.bytes += segment.bytes;
    for (;;) {
      const oldest = this.held[this.first];
      if (!oldest || this.bytes - oldest.bytes < tailBytes) break;
      this.bytes -= oldest.bytes;
      this.omitted += oldest.text.length;
      this.first += 1;
    }
    if (this.first > 1024) {
      this.held = this.held.slice(this.first);
      this.first = 0;
    }
  }
}

/** Merges printed text into fewer messages, and keeps it below Jupyter Server's limits. */
export class Streams {
  readonly #options: StreamsOptions;
  #capped = false;
  #pending: Segment[] = [];
  #bytes = 0;
  #current: Header | undefined;
  #cell = new Ledger();
  /** Output of cells that have ended, all together. */
  #late = new Ledger();

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  add(name: StreamName, parent: Header | undefined, text: string, weight: number): void {
    // Small chunks, so that the limits hold for text that JSON writes six times as long.
    for (let start = 0; start < text.length; ) {
      const end = cutAt(text, start + chunkLength);
      const part = start === 0 && end === text.length ? text : text.slice(start, end);
      const bytes = Buffer.byteLength(JSON.stringify(part)) - 2;
      this.#take({ name, parent, text: part, bytes, weight: end === text.length ? weight : 0 });
      start = end;
    }
  }

  /** Whether a later `flush` has something to send. */
  get waiting(): boolean {
    return this.#pending.length > 0 || this.#late.held.length > 0;
  }

  /** Sends what waits, in order; what the limits hold back stays. */
  flush(): void {
    const pending = this.#pending;
    this.#pending = [];
    this.#bytes = 0;
    for (const segment of pending) this.#options.send(segment);
    // Late output has no end, so it gets a new allowance now and then.
    if (performance.now() - this.#late.since < windowMs) return;
    this.#settle(this.#late);
    this.#late = new Ledger();
  }

  /** A request starts: its output has an allowance of its own. */
  begin(parent: Header): void {
    this.#current = parent;
    this.#cell = new Ledger();
  }

  /** The request ends: what was held back goes out. */
  end(): void {
    this.flush();
    this.#settle(this.#cell);
    this.#current = undefined;
    this.#cell = new Ledger();
  }

  /** From now on only the first and the last part of a cell's output are sent, as Jupyter Server demands. */
  cap(): void {
    this.#capped = true;
  }

  /** Sends what was held back of the running cell, if `parent` is that: once, for each time is a last part more. */
  settle(parent: Header | undefined): void {
    this.flush();
    if (!this.#isCurrent(parent) || this.#cell.isSettled) return;
    this.#cell.isSettled = true;
    this.#settle(this.#cell);
  }

  /** A `clear_output`: what was held back would be wiped, and output may go on. */
  clear(): void {
    this.flush();
    const { sent, since } = this.#cell;
    this.#cell = new Ledger();
    if (performance.now() - since < windowMs) Object.assign(this.#cell, { sent, since });
  }

  #take(segment: Segment): void {
    if (this.#capped) {
      const ledger = this.#isCurrent(segment.parent) ? this.#cell : this.#late;
      const wasFull = ledger.isFull;
      if (!ledger.admits(segment)) {
        if (!wasFull && ledger === this.#cell) this.#note(segment);
        // Held text is bounded, so it no longer counts as waiting.
        this.#options.release(segment.weight);
        segment.weight = 0;
        ledger.hold(segment);
        return;
      }
    }
    join(this.#pending, segment);
    this.#bytes += segment.bytes;
    if (this.#bytes >= mostBytes) this.flush();
  }

  #isCurrent(parent: Header | undefined): boolean {
    return parent?.msg_id === this.#current?.msg_id;
  }

  /** Tells at once that what follows comes later. */
  #note({ name, parent }: Segment): void {
    const text = `\n[${tooMuch}]\n`;
    join(this.#pending, { name, parent, text, bytes: text.length, weight: 0 });
  }

  /** Sends what is held back, and begins to hold anew. */
  #settle(ledger: Ledger): void {
    const held = ledger.held.slice(ledger.first);
    ledger.held = [];
    ledger.first = 0;
    ledger.bytes = 0;
    const first = held[0];
    if (!first) return;
    if (ledger.omitted > 0) {
      const line = first.text.indexOf("\n") + 1;
      const omitted = (ledger.omitted + line).toLocaleString("en");
      const text = `\n[${omitted} characters of output were left out here]\n${first.text.slice(line)}`;
      held[0] = { ...first, text };
    }
    const merged: Segment[] = [];
    for (const segment of held) join(merged, segment);
    for (const segment of merged) this.#options.send(segment);
    ledger.omitted = 0;
  }
}

/** Appends `segment`, to the last one of its stream where order allows or turns are many. */
function join(segments: Segment[], segment: Segment): void {
  let at = segments.length - 1;
  if (segments.length >= mostTurns) {
    while (at > 0 && !isSame(segments[at]!, segment)) at -= 1;
  }
  const other = segments[at];
  if (other && isSame(other, segment)) merge(other, segment);
  else segments.push(segment);
}

function isSame(a: Segment, b: Segment): boolean {
  return a.name === b.name && a.parent?.msg_id === b.parent?.msg_id;
}

function merge(into: Segment, from: Segment): void {
  into.text += from.text;
  into.bytes += from.bytes;
  into.weight += from.weight;
}
