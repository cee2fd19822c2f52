import { lineExtent, textWidth } from "./font";

/** In pixels, y downwards. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Maps `(x, y)` to `(a x + c y + e, b x + d y + f)`, as SVG's `matrix(a b c d e f)`. */
type Matrix = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

const identity: Matrix = [1, 0, 0, 1, 0, 0];

/**
 * The box of an SVG element in its own coordinates, as `getBBox`. Text is measured from the font, rectangles from
 * their attributes; other shapes have no box, since nothing in a chart is placed after them.
 */
export function boxOf(element: Element): Box | undefined {
  if (element.tagName === "text") return textBox(element);
  if (element.tagName === "rect") return rectangle(element);
  let box: Box | undefined;
  for (const child of element.children) {
    const inner = boxOf(child);
    if (inner) box = union(box, transformed(inner, transformOf(child)));
  }
  return box;
}

/** The box of an SVG element in its picture's coordinates, as `getBoundingClientRect`; a point where it has none. */
export function placedBox(element: Element): Box {
  let matrix = identity;
  for (let at: Element | null = element; at; at = at.parentElement) {
    matrix = multiply(transformOf(at), matrix);
  }
  return transformed(boxOf(element) ?? { left: 0, top: 0, right: 0, bottom: 0 }, matrix);
}

function textBox(text: Element): Box | undefined {
  const lines = [...text.children].filter((child) => child.classList.contains("line"));
  let box: Box | undefined;
  for (const line of lines.length > 0 ? lines : [text]) {
    const width = runWidth(line);
    if (width === 0) continue;
    const size = fontSize(line);
    const x = number(line, "x") ?? number(text, "x") ?? 0;
    const dy = Number.parseFloat(line.getAttribute("dy") ?? "0") * size;
    const y = (number(line, "y") ?? number(text, "y") ?? 0) + dy;
    const anchor = inherited(line, "text-anchor") ?? "start";
    const left = x - { start: 0, middle: width / 2, end: width }[anchor]!;
    const { above, below } = lineExtent(size);
    box = union(box, { left, top: y - above, right: left + width, bottom: y + below });
  }
  return box;
}

/** Width of the letters in a text element and its parts, each in its own size and weight. */
function runWidth(element: Element): number {
  let width = 0;
  for (const node of element.childNodes) {
    if (node.nodeType === node.TEXT_NODE) {
      const weight = inherited(element, "font-weight") ?? "normal";
      const bold = weight === "bold" || Number(weight) >= 600;
      width += textWidth(node.textContent ?? "", fontSize(element), bold ? "bold" : "regular");
    } else {
      width += runWidth(node as Element);
    }
  }
  return width;
}

/** In pixels; a percentage is of the surrounding text's size. */
function fontSize(element: Element): number {
  const own = property(element, "font-size");
  const outer = () => (element.parentElement ? fontSize(element.parentElement) : 16);
  if (own === undefined) return outer();
  return own.endsWith("%") ? (outer() * Number.parseFloat(own)) / 100 : Number.parseFloat(own);
}

function inherited(element: Element, name: string): string | undefined {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const value = property(at, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

function property(element: Element, name: string): string | undefined {
  const style = (element as Partial<ElementCSSInlineStyle>).style?.getPropertyValue(name);
  return style || element.getAttribute(name) || undefined;
}

function number(element: Element, name: string): number | undefined {
  const value = element.getAttribute(name);
  return value === null ? undefined : Number.parseFloat(value);
}

function rectangle(element: Element): Box {
  const [left, top] = [number(element, "x") ?? 0, number(element, "y") ?? 0];
  const [width, height] = [number(element, "width") ?? 0, number(element, "height") ?? 0];
  return { left, top, right: left + width, bottom: top + height };
}

function union(a: Box | undefined, b: Box): Box {
  if (!a) return b;
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

function transformed(box: Box, [a, b, c, d, e, f]: Matrix): Box {
  const corners = [box.left, box.right].flatMap((x) =>
    [box.top, box.bottom].map((y) => [a * x + c * y + e, b * x + d * y + f] as const),
  );
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  return {
    left: Math.min(...xs),
    top: Math.min(...ys),
    right: Math.max(...xs),
    bottom: Math.max(...ys),
  };
}

/** The element's `transform` attribute: any list of `translate`, `rotate`, `scale` and `matrix`. */
function transformOf(element: Element): Matrix {
  const list = element.getAttribute("transform") ?? "";
  let matrix = identity;
  for (const [, name, values] of list.matchAll(/(\w+)\(([^)]*)\)/g)) {
    const [p = 0, q, r = 0, ...rest] = values!
      .split(/[\s,]+/)
      .filter(Boolean)
      .map(Number);
    if (name === "translate") matrix = multiply(matrix, [1, 0, 0, 1, p, q ?? 0]);
    else if (name === "scale") matrix = multiply(matrix, [p, 0, 0, q ?? p, 0, 0]);
    else if (name === "matrix") matrix = multiply(matrix, [p, q!, r, rest[0]!, rest[1]!, rest[2]!]);
    else if (name === "rotate") {
      const [cos, sin] = [Math.cos((p * Math.PI) / 180), Math.sin((p * Math.PI) / 180)];
      matrix = multiply(matrix, [1, 0, 0, 1, q ?? 0, r]);
      matrix = multiply(matrix, [cos, sin, -sin, cos, 0, 0]);
      matrix = multiply(matrix, [1, 0, 0, 1, -(q ?? 0), -r]);
    }
  }
  return matrix;
}

/** First `inner`, then `outer`. */
function multiply(outer: Matrix, inner: Matrix): Matrix {
  const [a, b, c, d, e, f] = outer;
  const [p, q, r, s, t, u] = inner;
  return [
    a * p + c * q,
    b * p + d * q,
    a * r + c * s,
    b * r + d * s,
    a * t + c * u + e,
    b * t + d * u + f,
  ];
}
