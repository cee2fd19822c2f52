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
  /** True under Jupyter Server: of a cell's output only the first and the last part are sent. */
  readonly capped: boolean;
}

const chunkLength = 16 * 1024;
const mostBytes = 512 * 1024;
const headBytes = 512 * 1024;
const tailBytes = 256 * 1024;
/** As many changes between streams keep their order in one flush; beyond, each stream is merged. */
const mostTurns = 8;

/** What of the output of a cell was sent, and what is held back until its end. */
class Ledger {
  sent = 0;
  since = performance.now();
  /** From `first` on: the last part. A cursor, for `shift` on a long array is slow. */
  held: Segment[] = [];
  first = 0;
  bytes = 0;
  omitted = 0;

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
    if (performance.now() - this.#late.since < 3000) return;
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

  /** A `clear_output`: what was held back would be wiped, and output may go on. */
  clear(): void {
    this.flush();
    const renew = performance.now() - this.#cell.since > 3000;
    const sent = renew ? 0 : this.#cell.sent;
    this.#cell = new Ledger();
    this.#cell.sent = sent;
  }

  #take(segment: Segment): void {
    if (this.#options.capped) {
      const mine = segment.parent?.msg_id === this.#current?.msg_id;
      const ledger = mine ? this.#cell : this.#late;
      if (ledger.sent >= headBytes) {
        // Held text is bounded, so it no longer counts as waiting.
        this.#options.release(segment.weight);
        segment.weight = 0;
        ledger.hold(segment);
        return;
      }
      ledger.sent += segment.bytes;
    }
    join(this.#pending, segment);
    this.#bytes += segment.bytes;
    if (this.#bytes >= mostBytes) this.flush();
  }

  #settle(ledger: Ledger): void {
    const held = ledger.held.slice(ledger.first);
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
