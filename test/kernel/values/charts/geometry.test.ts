import { JSDOM } from "jsdom";
import { expect, it } from "vitest";
import { lineExtent, textWidth } from "../../../../src/kernel/values/charts/font";
import { boxOf, placedBox } from "../../../../src/kernel/values/charts/geometry";

const { document } = new JSDOM().window;

function svg(inner: string): Element {
  const element = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  element.innerHTML = inner;
  return element;
}

it("measures letters as the font does", () => {
  // Units of Arimo, which are those of Arial, of 2048 an em: W 1933, i 455, space 569.
  expect(textWidth("Wi W", 2048)).toBe(1933 + 455 + 569 + 1933);
  expect(textWidth("W", 12, "bold")).toBeCloseTo((12 * 1933) / 2048, 9);
  expect(textWidth("字", 12)).toBe(12);
});

it("places text by its anchor, size and lines", () => {
  const text = (anchor: string) =>
    boxOf(svg(`<text x="100" y="50" text-anchor="${anchor}" style="font-size:20px">Wi</text>`))!;
  const width = textWidth("Wi", 20);
  expect(text("start").left).toBe(100);
  expect(text("middle").left).toBeCloseTo(100 - width / 2, 9);
  expect(text("end").right).toBeCloseTo(100, 9);
  expect(text("start").top).toBeCloseTo(50 - lineExtent(20).above, 9);

  const lines = boxOf(
    svg(
      '<text y="0" style="font-size:10px"><tspan class="line" x="0" y="0" dy="0em">W</tspan><tspan class="line" x="0" y="0" dy="1.3em">WW</tspan></text>',
    ),
  )!;
  expect(lines.right).toBeCloseTo(textWidth("WW", 10), 9);
  expect(lines.bottom).toBeCloseTo(13 + lineExtent(10).below, 9);
});

it("follows translation, rotation and scale up to the picture", () => {
  const picture = svg(
    '<g transform="translate(10, 20) scale(2)"><rect x="1" y="2" width="3" height="4" transform="rotate(90)"/></g>',
  );
  const rect = picture.querySelector("rect")!;
  const { left, top, right, bottom } = placedBox(rect);
  // Turned by a quarter: x -> -y, y -> x.
  expect([left, top, right, bottom].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([
    10 - 2 * 6,
    20 + 2 * 1,
    10 - 2 * 2,
    20 + 2 * 4,
  ]);
});
