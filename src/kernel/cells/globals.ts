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
/** Asks the reader for a line. */
declare function input(prompt?: string, options?: { readonly password?: boolean }): Promise<string>;
/** The interrupt (■) of the running cell. */
declare const interrupt: { readonly signal: AbortSignal };
/** The value of the last cell that had one. */
declare var _: any;
`;
