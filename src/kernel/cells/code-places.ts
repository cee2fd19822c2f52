/** UTF-16 units before a place that is given in code points, as Jupyter counts. */
export function unitsOf(text: string, points: number): number {
  let units = 0;
  for (const character of text) {
    if (points-- <= 0) break;
    units += character.length;
  }
  return units;
}

export const pointsOf = (text: string, units: number): number => [...text.slice(0, units)].length;

/** The name that a place, in UTF-16 units, is in or at an end of; an empty one where there is none. */
export function nameAt(
  code: string,
  at: number,
): { readonly text: string; readonly start: number } {
  const before = /[\p{ID_Continue}$]*$/u.exec(code.slice(0, at))![0];
  const after = /^[\p{ID_Continue}$]*/u.exec(code.slice(at))![0];
  return { text: before + after, start: at - before.length };
}
