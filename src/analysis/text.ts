import { type FontWeight, textWidth } from "../kernel/values/charts/font";

/** Letters that plotly would read as markup, written so that it does not. */
export function escapeMarkup(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;");
}

/** Breaks text between words so that no line is wider than `width` pixels, where its words allow it. */
export function wrap(text: string, width: number, size: number, weight?: FontWeight): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length === 0 || textWidth(longer, size, weight) > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** `174338` as `174,338`. */
export function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A score in points with one decimal, `–` where there is none. */
export function points(score: number | null | undefined): string {
  return score === null || score === undefined ? "–" : (100 * score).toFixed(1);
}

/** A share as a percentage with three significant digits: `0.774 %`. */
export function percent(share: number): string {
  return `${share === 0 || share === 1 ? 100 * share : Number((100 * share).toPrecision(3))} %`;
}

/** Seconds as people say them: `8.4 s`, `2 min 5 s`. */
export function duration(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
