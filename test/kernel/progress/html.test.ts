import { JSDOM } from "jsdom";
import { expect, test } from "vitest";
import { Curves } from "../../../src/kernel/progress/curves";
import { htmlOf } from "../../../src/kernel/progress/html";
import { keepingPlace } from "./place";

/** Bars whose last picture is `html()`. */
function page() {
  const { progress, last, stops } = keepingPlace();
  return { progress, stops, html: () => new JSDOM(htmlOf(last())).window.document };
}

test("bars are elements that say what they are, without a script", () => {
  const { progress, html, stops } = page();
  const outer = progress(4, { label: "<runs> & more" });
  outer.set(1);
  progress(2, { label: "run" }).set(1);
  for (const stop of stops) stop();
  const document = html();
  const bars = [...document.querySelectorAll("progress")];
  expect(bars.map((bar) => [bar.getAttribute("aria-label"), bar.value, bar.max])).toEqual([
    ["<runs> & more", 25, 100],
    ["run", 50, 100],
  ]);
  expect(document.body.textContent).toMatch(/25 %\s1\/4 steps/);
  expect(document.querySelector("script, style, link")).toBeNull();
});

test("a bar of unknown length moves by itself only while something does", () => {
  const { progress, html } = page();
  const bar = progress(Number.POSITIVE_INFINITY, { label: "rows", unit: "rows" });
  bar.add(7);
  expect(html().querySelector("progress")!.hasAttribute("value")).toBe(false);
  bar.end();
  expect(html().querySelector("progress")).toBeNull();
  expect(html().body.textContent).toMatch(/rows\s7 rows .* in 0:00/);
});

test("a learning curve is a picture with a description", () => {
  const { progress, html } = page();
  const bar = progress(100, { label: "run" });
  for (let step = 0; step < 100; step++) {
    bar.set(step + 1);
    bar.plot({ loss: 1 / (step + 1), "a < b": step });
  }
  bar.end();
  const images = [...html().querySelectorAll("img")];
  expect(images.map(({ alt }) => alt)).toEqual([
    "Learning curve: loss 1 at 1, 0.01000 at 100",
    "Learning curve: a < b 0 at 1, 99 at 100",
  ]);
  for (const { src } of images) {
    const [type, data] = src.split(",");
    expect(type).toBe("data:image/svg+xml;base64");
    const svg = new JSDOM(Buffer.from(data!, "base64").toString(), {
      contentType: "image/svg+xml",
    });
    const points = svg.window.document.querySelector("polyline")!.getAttribute("points")!;
    expect(points.split(" ")).toHaveLength(100);
    expect(points).not.toMatch(/NaN|Infinity/);
  }
});

test("a long curve keeps its shape in a bounded number of points", () => {
  const curves = new Curves();
  for (let step = 0; step < 100_000; step++) curves.add("loss", step, 100_000 - step);
  curves.add("loss", 100_000, Number.NaN);
  const { points } = curves.all[0]!;
  expect(points.length).toBeGreaterThan(100);
  expect(points.length).toBeLessThanOrEqual(400);
  expect(points.reduce((sum, { count }) => sum + count, 0)).toBe(100_000);
  for (const { step, value } of points) expect(step + value).toBeCloseTo(100_000, 3);
});
