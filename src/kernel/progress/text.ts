import type { Curve } from "./curves";
import type { Picture, Row } from "./group";
import type { ProgressReport } from "./report";

/** Letters of a bar: the most that fit, or none. */
const barCells = [20, 10];
const eighths = " ▏▎▍▌▋▊▉";
const heights = "▁▂▃▄▅▆▇█";
/** Letters of a learning curve. */
const curveCells = 24;
const leastCurveCells = 4;

/** Minutes and seconds, hours where needed: `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** How far, how fast, how long: `120/230 steps  8.12 steps/s  0:14 left  loss 0.5200`. */
export function figures(report: ProgressReport): string {
  const { done, total, unit, rate, seconds, secondsLeft, values, note, state } = report;
  const of = total === null ? "" : `/${amount(total)}`;
  const parts = [`${amount(done)}${of} ${unit}`];
  if (rate !== null) parts.push(`${speed(rate)} ${unit}/s`);
  if (state === "running") parts.push(secondsLeft === null ? "" : `${clock(secondsLeft)} left`);
  else parts.push(`${state === "stopped" ? "stopped after" : "in"} ${clock(seconds)}`);
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) parts.push(`${name} ${shown(value)}`);
  return [...parts, note].filter((part) => part !== "").join("  ");
}

/** One line without a bar, for a log. */
export function logLine(report: ProgressReport): string {
  return [report.label, figures(report)].filter((part) => part !== "").join("  ");
}

/**
 * One line a bar, and one for its learning curves. Where the width is not enough bars get shorter or are left out, so
 * that the figures are to be read.
 *
 * @param width in letters; default: as needed
 */
export function textLines(rows: Picture["rows"], width = Number.POSITIVE_INFINITY): string[] {
  const labels = rows.map(({ bar, depth }) => "  ".repeat(depth) + bar.label);
  const indent = Math.max(0, ...labels.map(({ length }) => length));
  const reports = rows.map(({ bar }) => bar.report());
  const needed = Math.max(0, ...reports.map((report) => figures(report).length));
  const room = width - indent - needed - "  100 % ||  ".length;
  const cells = barCells.find((some) => some <= room) ?? 0;
  return rows.flatMap((row, at) => {
    const report = reports[at]!;
    const parts = [labels[at]!.padEnd(indent), letterBar(report, cells), figures(report)];
    const line = parts.filter((part) => part !== "").join("  ");
    return [line, ...curveLine(row, indent, width)];
  });
}

export function earlierLine(earlier: Picture["earlier"]): string[] {
  return earlier.length === 0 ? [] : [`… and ${earlier.length} that ended before`];
}

/** In whole percent, and 100 only when all is done. */
export function percent({ done, total }: ProgressReport): number | null {
  if (total === null) return null;
  return total === 0 ? 100 : Math.max(0, Math.min(100, Math.floor((100 * done) / total)));
}

function letterBar(report: ProgressReport, cells: number): string {
  const share = percent(report);
  if (share === null) return "";
  const filled = Math.floor((8 * cells * share) / 100);
  const part = filled % 8 === 0 ? "" : eighths[filled % 8]!;
  const bar = `${"█".repeat(Math.floor(filled / 8))}${part}`.padEnd(cells);
  return `${String(share).padStart(3)} %${cells === 0 ? "" : ` |${bar}|`}`;
}

function curveLine({ bar }: Row, indent: number, width: number): string[] {
  const curves = bar.curves.all;
  if (curves.length === 0) return [];
  const texts = curves.map(({ name, points }) => [name, shown(points.at(-1)!.value)] as const);
  const taken = texts.reduce((sum, [name, value]) => sum + name.length + value.length + 4, indent);
  const room = Math.floor((width - taken) / curves.length);
  const cells = Math.max(leastCurveCells, Math.min(curveCells, room));
  const parts = texts.map(([name, value], at) => `${name} ${spark(curves[at]!, cells)} ${value}`);
  return [`${" ".repeat(indent)}  ${parts.join("  ")}`];
}

/** A curve in letters, over as many points as there is room for. */
function spark({ points }: Curve, most: number): string {
  const values = points.map(({ value }) => value);
  const low = Math.min(...values);
  const range = Math.max(...values) - low || 1;
  const cells = Math.min(most, values.length);
  return Array.from({ length: cells }, (_, cell) => {
    const own = values.slice(
      Math.floor((cell * values.length) / cells),
      Math.floor(((cell + 1) * values.length) / cells),
    );
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    return heights[Math.min(7, Math.floor((8 * (mean - low)) / range))];
  }).join("");
}

/** A number beside a bar: four digits, so that it does not jump. */
export function shown(value: number | string): string {
  if (typeof value === "string" || Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (!Number.isFinite(value)) return String(value);
  return size >= 1e-3 && size < 1e4 ? value.toPrecision(4) : value.toExponential(2);
}

function amount(count: number): string {
  return count.toLocaleString("en");
}

function speed(rate: number): string {
  return rate >= 1000 ? amount(Math.round(rate)) : rate.toPrecision(3);
}
