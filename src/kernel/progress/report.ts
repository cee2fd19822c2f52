/** How far something is. */
export interface ProgressReport {
  /** What is being done, such as `mrpc bitfit, seed 1`. */
  readonly label: string;
  readonly done: number;
  /** `null` where it is not known. */
  readonly total: number | null;
  /** What is counted, such as `steps`. */
  readonly unit: string;
  /** Since it began. */
  readonly seconds: number;
  /** Units a second since it began; `null` while unknown. */
  readonly rate: number | null;
  /** At that rate; `null` while unknown, and at the end. */
  readonly secondsLeft: number | null;
  /** Shown beside, such as the loss. */
  readonly values: ProgressValues;
  /** The last words, if any. */
  readonly note: string;
  /** `stopped`: ended before all was done. */
  readonly state: "running" | "finished" | "stopped";
}

/** Values by name; `undefined` takes one away. */
export type ProgressValues = Readonly<Record<string, number | string | undefined>>;

export interface ProgressOptions {
  /** What is being done, such as `epoch 3`. */
  readonly label?: string;
  /** Default: the number of steps, or the items' `length` or `size`; unknown where there is none. */
  readonly total?: number;
  /** What is counted; default `steps` for a number, else `items`. */
  readonly unit?: string;
  /** What was done before, and does not count for the rate; default 0. */
  readonly done?: number;
  /** Hears of it, at most ten times a second and always of the end, in place of the notebook or the terminal. */
  readonly report?: ((report: ProgressReport) => void) | undefined;
}

/** A bar, moved by hand. */
export interface ProgressBar {
  readonly done: number;
  /** So many more are done. */
  add(count?: number): void;
  /** So many are done in all. */
  set(done: number): void;
  /** Values beside the bar; those of other names stay. */
  show(values: ProgressValues): void;
  /**
   * One point more for each of the learning curves below the bar, one a name.
   *
   * @param at default: what is done
   */
  plot(values: Readonly<Record<string, number>>, at?: number): void;
  /** No more comes: the bar is finished where all is done (or the total unknown), else stopped. */
  end(note?: string): void;
}

/** A bar that moves as its items are taken. A loop that is left early leaves it stopped. */
export interface ProgressLoop<T> extends ProgressBar, Iterable<T>, AsyncIterable<Awaited<T>> {}

/** The same of items that are waited for. */
export interface AsyncProgressLoop<T> extends ProgressBar, AsyncIterable<T> {}

/** `progress`, by what it counts. */
export interface MakeProgress {
  (steps: number, options?: ProgressOptions): ProgressLoop<number>;
  <T>(items: Iterable<T>, options?: ProgressOptions): ProgressLoop<T>;
  <T>(items: AsyncIterable<T>, options?: ProgressOptions): AsyncProgressLoop<T>;
}
