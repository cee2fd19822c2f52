/** `text` in place of what stands from `begin` to `end`. */
export interface Edit {
  readonly begin: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Make edits that do not overlap.
 *
 * @param cursor a place in the code to keep track of; what it stands in is being typed and stays
 */
export function applyEdits(
  code: string,
  edits: readonly Edit[],
  cursor = -1,
): { code: string; cursor: number } {
  let edited = "";
  let copied = 0;
  let editedCursor = cursor;
  for (const { begin, end, text } of [...edits].sort((a, b) => a.begin - b.begin)) {
    if (begin <= cursor && cursor <= end) continue;
    edited += code.slice(copied, begin) + text;
    copied = end;
    if (end < cursor) editedCursor += text.length - (end - begin);
  }
  return { code: edited + code.slice(copied), cursor: editedCursor };
}
