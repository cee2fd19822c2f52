/** How far a long thing is. */
export interface Progress {
  /** What is being done, such as `mrpc bitfit, seed 1`. */
  readonly label: string;
  readonly done: number;
  readonly total: number;
  /** What is counted, such as `steps`. */
  readonly unit: string;
  /** Units a second; `null` while unknown. */
  readonly rate: number | null;
  /** `null` while unknown. */
  readonly secondsLeft: number | null;
  /** A few words on the state, such as `loss 0.52`. */
  readonly note: string;
  /** No more will come. */
  readonly ended: boolean;
}

export type ProgressSink = (progress: Progress) => void;

/** Milliseconds between reports, so that telling costs nothing. */
const interval = 200;
const key = Symbol.for("peftlab.progress");
const shared = globalThis as { [key]?: ProgressSink };

/** Where progress is shown by default; a notebook's kernel puts its own display here. `undefined`: the terminal. */
export function showProgressIn(sink: ProgressSink | undefined): void {
  shared[key] = sink;
}

/** The sink in use. */
export function progressSink(): ProgressSink {
  return shared[key] ?? terminal;
}

/** Reports how far something is, with its rate since now and the time left at that rate. */
export interface Tracker {
  update(done: number, note?: string): void;
  /** The last report; `update` must not follow. */
  end(note?: string): void;
}

/**
 * Follows something long.
 *
 * @param done what was done before, and does not count for the rate
 */
export function track(
  { label, total, unit, done = 0 }: { label: string; total: number; unit: string; done?: number },
  sink: ProgressSink = progressSink(),
): Tracker {
  const began = performance.now();
  let last = { done, note: "", told: Number.NEGATIVE_INFINITY };
  const tell = (ended: boolean) => {
    const seconds = (performance.now() - began) / 1000;
    const rate = last.done > done && seconds > 0 ? (last.done - done) / seconds : null;
    const secondsLeft = rate === null ? null : (total - last.done) / rate;
    sink({ label, done: last.done, total, unit, rate, secondsLeft, note: last.note, ended });
  };
  return {
    update(now, note = last.note) {
      const time = performance.now();
      const due = time - last.told > interval;
      last = { done: now, note, told: due ? time : last.told };
      if (due) tell(false);
    },
    end(note = last.note) {
      last = { ...last, note };
      tell(true);
    },
  };
}

/** One line of text: `mrpc bitfit  120/230 steps  8.1 steps/s  0:14 left  loss 0.52`. */
export function progressLine(progress: Progress): string {
  const parts = [`${progress.label}`, `${progress.done}/${progress.total} ${progress.unit}`];
  if (progress.rate !== null) parts.push(`${progress.rate.toPrecision(3)} ${progress.unit}/s`);
  if (progress.secondsLeft !== null && !progress.ended)
    parts.push(`${clock(progress.secondsLeft)} left`);
  if (progress.note) parts.push(progress.note);
  return parts.join("  ");
}

/** Minutes and seconds, hours where needed: `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** On stderr: a line that changes on a terminal, one line at the end elsewhere. */
function terminal(progress: Progress): void {
  const line = progressLine(progress);
  if (!process.stderr.isTTY) {
    if (progress.ended) process.stderr.write(`${line}\n`);
    return;
  }
  const width = process.stderr.columns ?? 80;
  process.stderr.write(`\r\u001b[K${line.slice(0, width - 1)}${progress.ended ? "\n" : ""}`);
}
