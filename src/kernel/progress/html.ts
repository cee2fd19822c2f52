import { escapeHtml } from "../values/text";
import type { Curve } from "./curves";
import type { Picture, Row } from "./group";
import { earlierLine, figures, percent, shown } from "./text";

// No script and no style sheet: elements and attributes that a frontend lets through in a notebook it does not trust.

/** The bars as HTML: `<progress>` elements, and the learning curves as pictures with a description. */
export function htmlOf({ rows, earlier, final }: Picture): string {
  const all = final ? [...earlier, ...rows] : rows;
  const left = final ? [] : earlierLine(earlier).map((line) => `<div>${escapeHtml(line)}</div>`);
  return `<div>${[...left, ...all.map(htmlRow)].join("")}</div>`;
}

function htmlRow(row: Row): string {
  const { bar, depth } = row;
  const report = bar.report();
  const label = escapeHtml(report.label);
  const name = label === "" ? "progress" : label;
  const parts = [label === "" ? "" : `<b>${label}</b>`];
  const share = percent(report);
  // Where the total is unknown the element moves by itself, and must not when nothing does.
  const value = share === null ? "" : ` value="${share}" max="100"`;
  if (share !== null || report.state === "running")
    parts.push(`<progress${value} aria-label="${name}"></progress>`);
  if (share !== null) parts.push(`${share} %`);
  parts.push(escapeHtml(figures(report)).replaceAll("  ", " · "));
  const line = parts.filter((part) => part !== "").join("&ensp;");
  return `<div style="margin-left:${2 * depth}em">${line}${pictures(row)}</div>`;
}

/** Milliseconds between two drawings of a curve: what has changed within is not to be seen. */
const interval = 500;
const drawn = new WeakMap<object, { version: number; at: number; html: string }>();

function pictures({ bar }: Row): string {
  const { curves, isOpen } = bar;
  if (curves.version === 0) return "";
  const known = drawn.get(curves);
  const now = performance.now();
  const isNew = known?.version === curves.version;
  if (known && (isNew || (isOpen && now - known.at < interval))) return known.html;
  const { total } = bar.report();
  const images = curves.all.map((curve) => {
    const source = Buffer.from(svgOf(curve, total)).toString("base64");
    const text = escapeHtml(`Learning curve: ${description(curve)}`);
    return `<img src="data:image/svg+xml;base64,${source}" alt="${text}" width="${width}" height="${height}">`;
  });
  const html = `<div>${images.join("")}</div>`;
  drawn.set(curves, { version: curves.version, at: now, html });
  return html;
}

const width = 264;
const height = 130;
const plot = { left: 52, right: 256, top: 26, bottom: 110 } as const;
// Read on white and on black: the picture does not know which it is on.
const colors = { text: "#7f7f7f", grid: "#7f7f7f", line: "#1f83c9" } as const;

/** A curve over the steps from 0 to `total`, or to its last one. */
function svgOf({ name, points }: Curve, total: number | null): string {
  const values = points.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const end = Math.max(total ?? 0, points.at(-1)!.step) || 1;
  const x = (step: number) => plot.left + ((plot.right - plot.left) * step) / end;
  // A curve of one value lies in the middle.
  const share = (value: number) => (high === low ? 0.5 : (value - low) / (high - low));
  const y = (value: number) => plot.bottom - (plot.bottom - plot.top) * share(value);
  const place = ({ step, value }: { step: number; value: number }) =>
    `${x(step).toFixed(1)},${y(value).toFixed(1)}`;
  const last = points.at(-1)!;
  const text = (at: string, content: string) => `<text ${at}>${escapeHtml(content)}</text>`;
  const rule = (at: number) => `<path d="M${plot.left} ${at}H${plot.right}"/>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="11" fill="${colors.text}">`,
    text('x="8" y="15" font-weight="bold"', `${name} ${shown(last.value)}`),
    `<g stroke="${colors.grid}" stroke-opacity="0.35">${rule(plot.top)}${rule(plot.bottom)}</g>`,
    ...[...new Set([low, high])].map((value) =>
      text(`x="${plot.left - 5}" y="${y(value) + 4}" text-anchor="end"`, shown(value)),
    ),
    text(`x="${plot.left}" y="${plot.bottom + 15}"`, "0"),
    text(`x="${plot.right}" y="${plot.bottom + 15}" text-anchor="end"`, end.toLocaleString("en")),
    `<polyline points="${points.map(place).join(" ")}" fill="none" stroke="${colors.line}" stroke-width="2" stroke-linejoin="round"/>`,
    `<circle cx="${x(last.step).toFixed(1)}" cy="${y(last.value).toFixed(1)}" r="3" fill="${colors.line}"/>`,
    "</svg>",
  ].join("");
}

function description({ name, points }: Curve): string {
  const [first, last] = [points[0]!, points.at(-1)!];
  const at = ({ step, value }: typeof first) => `${shown(value)} at ${Math.round(step)}`;
  return `${name} ${at(first)}, ${at(last)}`;
}
