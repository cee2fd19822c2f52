import type { Body, Content } from "./messages";

// Cells may replace the global; the kernel keeps the true one.
const { stringify } = JSON;

/** JSON in which half surrogate pairs are replaced: Python clients cannot save those. Throws a TypeError where there is none. */
export function jsonOf(value: unknown): string {
  const text = stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`JSON has no form for a ${typeof value}.`);
  if (!text.includes("\\ud")) return text;
  return text.replace(/\\(?:u(d[89a-f][0-9a-f]{2})|.)/g, (written, half) =>
    half ? "\ufffd" : written,
  );
}

/** Content and metadata as they are sent. */
export function bodyOf(content: Content, metadata: Content = {}): Body {
  return { content: jsonOf(content), metadata: jsonOf(metadata) };
}

/** The place at or just before `at` where `text` can be cut without halving a surrogate pair. */
export function cutAt(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const unit = text.charCodeAt(at - 1);
  return unit >= 0xd800 && unit < 0xdc00 ? at - 1 : at;
}
