import { display } from "../experiments/types";

/** Text whose figures were computed; a notebook sets it as it does its own. */
export interface Markdown {
  readonly text: string;
  [display](): { readonly "text/markdown": string; readonly "text/plain": string };
}

export function markdown(text: string): Markdown {
  return { text, [display]: () => ({ "text/markdown": text, "text/plain": text }) };
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
