import { inspect } from "node:util";
import { host } from "./host";

/** The key under which a value keeps the function that shows it, as in the Deno kernel. */
export const displayKey = Symbol.for("Jupyter.display");

/** One value in several forms by MIME type; images as base64, SVG and text as they are. Always has `text/plain`. */
export type DisplayBundle = Readonly<Record<string, unknown>>;

/** A value that can show itself. */
export interface Displayable {
  [displayKey](): DisplayBundle | Promise<DisplayBundle>;
}

/**
 * Show a value in the notebook, below the cell that runs: `await show(run.curve)`. What cannot show itself is printed
 * as by `console.log`; outside the kernel so is the `text/plain` of what can.
 */
export async function show(value: unknown): Promise<void> {
  if (!isDisplayable(value)) {
    console.log(value);
    return;
  }
  const bundle = await value[displayKey]();
  const kernel = host();
  if (kernel) await kernel.display({ "text/plain": inspect(value), ...bundle });
  else console.log(bundle["text/plain"]);
}

function isDisplayable(value: unknown): value is Displayable {
  return (
    (typeof value === "object" || typeof value === "function") &&
    value !== null &&
    typeof (value as Partial<Displayable>)[displayKey] === "function"
  );
}
