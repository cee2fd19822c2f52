/** What cells may use without an import, as the compiler reads it. */
export const globalTypes = `
/** One value in several forms, by MIME type. */
interface DisplayBundle { readonly [mime: string]: unknown }
interface Display {
  /**
   * Shows a value below the running cell.
   * @param options.id by which \`display.update\` replaces it
   */
  (value: unknown, options?: { readonly id?: string; readonly metadata?: Readonly<Record<string, unknown>> }): Promise<void>;
  /** Replaces what was shown with this id. */
  update(value: unknown, options: { readonly id: string }): Promise<void>;
  /** Shows a bundle as it is. */
  raw(bundle: DisplayBundle, options?: { readonly id?: string; readonly update?: boolean }): void;
}
declare const display: Display;
/** Empties the running cell's output; with \`wait\` when the next output comes. */
declare function clearOutput(options?: { readonly wait?: boolean }): void;
/** Markup to be shown: html\`<b>\${text}</b>\`. */
declare function html(strings: TemplateStringsArray | string, ...values: readonly unknown[]): object;
declare function md(strings: TemplateStringsArray | string, ...values: readonly unknown[]): object;
declare function svg(strings: TemplateStringsArray | string, ...values: readonly unknown[]): object;
/** A picture to be shown: bytes of a PNG, JPEG, GIF or SVG, or the path of such a file. */
declare function image(source: Uint8Array | string): object;
interface ProgressOptions {
  /** What is being done. */
  readonly label?: string;
  /** Default: what is known of the items. */
  readonly total?: number;
  /** What is counted; default steps or items. */
  readonly unit?: string;
  /** What was done before. */
  readonly done?: number;
}
interface ProgressBar {
  readonly done: number;
  /** So many more are done. */
  add(count?: number): void;
  /** So many are done in all. */
  set(done: number): void;
  /** Values beside the bar. */
  show(values: Readonly<Record<string, number | string | undefined>>): void;
  /** A point more for each of the learning curves below the bar, one a name. */
  plot(values: Readonly<Record<string, number>>, at?: number): void;
  /** No more comes: finished where all is done, else stopped. */
  end(note?: string): void;
}
/** A bar with rate and time left: for await (const x of progress(items)). A number counts steps. */
declare function progress(steps: number, options?: ProgressOptions): ProgressBar & Iterable<number> & AsyncIterable<number>;
declare function progress<T>(items: Iterable<T>, options?: ProgressOptions): ProgressBar & Iterable<T> & AsyncIterable<Awaited<T>>;
declare function progress<T>(items: AsyncIterable<T>, options?: ProgressOptions): ProgressBar & AsyncIterable<T>;
/** Asks the reader for a line. */
declare function input(prompt?: string, options?: { readonly password?: boolean }): Promise<string>;
/** The interrupt (■) of the running cell. */
declare const interrupt: { readonly signal: AbortSignal };
/** The value of the last cell that had one. */
declare var _: any;
`;
