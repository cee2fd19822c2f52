import type { LayoutAxis } from "plotly.js";

/** With room for the marks at either end, and no closer than a point. */
export function padded([low, high]: readonly [number, number]): [number, number] {
  const room = Math.max(0.12 * (high - low), 0.5);
  return [low - room, high + room];
}

/** A little more than the values' own range, of those that a logarithm has. */
export function roomy(values: readonly number[]): [number, number] {
  const known = values.filter((value) => value > 0);
  if (known.length === 0) return [0.1, 10];
  return [Math.min(...known) / 1.6, Math.max(...known) * 1.6];
}

/** Ticks of a logarithmic axis: 1 and 3 of every power of ten, and others between where it spans few of them. */
export function ticks(
  [low, high]: readonly [number, number],
  format: (value: number) => string,
): Partial<LayoutAxis> {
  const digits = high / low < 20 ? [1, 1.5, 2, 3, 5, 7] : [1, 3];
  const tickvals: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    tickvals.push(...digits.map((digit) => digit * 10 ** power));
  }
  const inside = tickvals.filter((value) => value >= low * 0.999 && value <= high * 1.001);
  return { tickmode: "array", tickvals: inside, ticktext: inside.map(format) };
}
