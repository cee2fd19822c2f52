import { stripVTControlCharacters } from "node:util";

/** Characters of a text that are shown at most. */
export const textLimit = 10_000;

const marked = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text that stands in HTML as itself, in an attribute too. NUL cannot, and becomes a replacement character. */
export function escapeHtml(text: string): string {
  return wellFormed(text)
    .replaceAll("\0", "\ufffd")
    .replace(/[&<>"']/g, (sign) => marked[sign as keyof typeof marked]);
}

/** Half a surrogate pair cannot be written as UTF-8: a notebook that held one could not be saved. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

/** Text without colour codes and other terminal control. */
export function uncoloured(text: string): string {
  if (!text.includes("\x1b") && !text.includes("\x9b")) return text;
  return stripVTControlCharacters(text).replaceAll("\x1b", "").replaceAll("\x9b", "");
}

/** The beginning of a long text, and how much is missing. */
export function cut(text: string, limit = textLimit): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit)}${missing(text.length - limit)}`;
}

/** The line that stands for characters left out. */
export function missing(count: number): string {
  return `\n… ${counted(count, "more character")}`;
}

/** `1 row`, `1,200 rows`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

/** A text of one line at most `limit` characters long. */
export function oneLine(text: string, limit: number): string {
  // Escapes before the cut may double what is left, so that what is cut is cut again.
  const line = uncoloured(text.slice(0, limit + 1))
    .replaceAll("\r", "\\r")
    .replaceAll("\n", "\\n")
    .replaceAll("\t", "\\t");
  return wellFormed(line.length > limit ? `${line.slice(0, limit - 1)}…` : line);
}

/** Text as `text/plain` of a bundle: cut, and without colours. */
export function plainText(text: string): string {
  // What is very long is cut first: its codes are not worth the time.
  return wellFormed(text.length > 1e7 ? uncoloured(cut(text)) : cut(uncoloured(text)));
}

/** The positions of a list to show; of one longer than `limit` those at its ends, with an undefined between. */
export function ends(length: number, limit: number): (number | undefined)[] {
  const all = (count: number, from: number) => Array.from({ length: count }, (_, at) => from + at);
  if (length <= limit) return all(length, 0);
  const first = Math.ceil(limit / 2);
  const last = Math.floor(limit / 2);
  return [...all(first, 0), undefined, ...all(last, length - last)];
}
