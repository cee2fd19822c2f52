import { setImmediate as turn } from "node:timers/promises";
import { Curves } from "./curves";
import type { ProgressLoop, ProgressOptions, ProgressReport, ProgressValues } from "./report";

/** Who is told of a bar. */
export interface Follower {
  changed(): void;
  ended(): void;
}

export type Items<T> = number | Iterable<T> | AsyncIterable<T>;

/** Milliseconds that a loop of `for await` runs before other work gets its turn. */
const longestRun = 50;

/** What a bar counts; how it looks is its follower's matter. */
export class Bar<T> implements ProgressLoop<T> {
  readonly curves = new Curves();
  readonly label: string;
  private readonly unit: string;
  private readonly total: number | null;
  private readonly first: number;
  private count: number;
  private began = performance.now();
  private endedAt: number | undefined;
  private values: ProgressValues = {};
  private note = "";
  private state: ProgressReport["state"] = "running";
  private readonly follower: Follower;

  constructor(
    private readonly items: Items<T>,
    options: ProgressOptions,
    follow: (bar: Bar<T>) => Follower,
  ) {
    this.total = totalOf(items, options.total);
    this.label = oneLine(options.label ?? "");
    this.unit = oneLine(options.unit ?? (typeof items === "number" ? "steps" : "items"));
    this.first = options.done ?? 0;
    this.count = this.first;
    this.follower = follow(this);
  }

  get done(): number {
    return this.count;
  }

  get isOpen(): boolean {
    return this.state === "running";
  }

  add(count = 1): void {
    this.set(this.count + count);
  }

  set(done: number): void {
    if (!this.isOpen) return;
    this.count = done;
    this.follower.changed();
  }

  show(values: ProgressValues): void {
    if (!this.isOpen) return;
    const named = Object.entries(values).map(([name, value]) => [
      oneLine(name),
      typeof value === "string" ? oneLine(value) : value,
    ]);
    this.values = { ...this.values, ...Object.fromEntries(named) };
    this.follower.changed();
  }

  plot(values: Readonly<Record<string, number>>, at = this.count): void {
    if (!this.isOpen) return;
    for (const [name, value] of Object.entries(values)) this.curves.add(oneLine(name), at, value);
    this.follower.changed();
  }

  end(note = ""): void {
    this.close(this.total === null || this.count >= this.total, note);
  }

  /** Ended from outside, or before all was done. */
  stop(): void {
    this.close(false, "");
  }

  private close(whole: boolean, note: string): void {
    if (!this.isOpen) return;
    this.state = whole ? "finished" : "stopped";
    this.note = oneLine(note);
    this.endedAt = performance.now();
    this.follower.ended();
  }

  report(): ProgressReport {
    const { label, total, unit, values, note, state, count, first } = this;
    const seconds = ((this.endedAt ?? performance.now()) - this.began) / 1000;
    const rate = count > first && seconds > 0 ? (count - first) / seconds : null;
    const left = total === null || rate === null || !this.isOpen ? null : total - count;
    const secondsLeft = left === null ? null : Math.max(0, left) / rate!;
    return { label, done: count, total, unit, seconds, rate, secondsLeft, values, note, state };
  }

  *[Symbol.iterator](): Iterator<T> {
    this.began = performance.now();
    let whole = false;
    try {
      for (const item of this.listed()) {
        yield item;
        this.add();
      }
      whole = true;
    } finally {
      this.close(whole, "");
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Awaited<T>> {
    this.began = performance.now();
    let waited = this.began;
    let whole = false;
    try {
      for await (const item of this.listedOrWaitedFor()) {
        yield item as Awaited<T>;
        this.add();
        if (performance.now() - waited < longestRun) continue;
        await turn();
        waited = performance.now();
      }
      whole = true;
    } finally {
      this.close(whole, "");
    }
  }

  private listedOrWaitedFor(): Iterable<T> | AsyncIterable<T> {
    const { items } = this;
    return isObject(items) && Symbol.asyncIterator in items ? items : this.listed();
  }

  private listed(): Iterable<T> {
    const { items } = this;
    if (typeof items === "number") return numbers(this.first, items) as Iterable<T>;
    if (Symbol.iterator in Object(items)) return items as Iterable<T>;
    throw new TypeError("progress: these items are waited for; use `for await`.");
  }
}

/** Text for a line that is overwritten: nothing in it may end the line or move the cursor. */
function oneLine(text: string): string {
  return String(text).replace(/\p{Cc}+/gu, " ");
}

function* numbers(first: number, end: number): Iterable<number> {
  for (let at = first; at < end; at++) yield at;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** @throws when there is nothing to count or to iterate */
function totalOf(items: unknown, given: number | undefined): number | null {
  const isNumber = typeof items === "number";
  const iterates = Symbol.iterator in Object(items) || Symbol.asyncIterator in Object(items);
  if (!(isNumber || (iterates && items != null))) {
    throw new TypeError(
      `progress: a number of steps or something to iterate is needed, not ${String(items)}.`,
    );
  }
  const { length, size } = Object(items) as { length?: unknown; size?: unknown };
  const total = given ?? (isNumber ? items : (length ?? size));
  if (typeof total !== "number" || total === Number.POSITIVE_INFINITY) return null;
  if (!(total >= 0)) throw new RangeError(`progress: the total is ${total}; at least 0 is needed.`);
  return total;
}
