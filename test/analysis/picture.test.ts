import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Resvg } from "@resvg/resvg-js";
import { JSDOM } from "jsdom";
import { expect, it } from "vitest";
import { benchRows, charts } from "../../src/analysis";
import type { Figure } from "../../src/analysis/chart";
import { savePicture } from "../../src/analysis/picture";
import type { RunRecord } from "../../src/experiments/types";
import { bundleOf } from "../../src/kernel/values/bundle";
import { fontFiles, textWidth } from "../../src/kernel/values/charts/font";
import { type Box, placedBox } from "../../src/kernel/values/charts/geometry";
import { png, svg } from "../../src/kernel/values/charts/picture";
import { madeUpBench, madeUpCosts } from "./bench";
import { diverged, madeUp, study } from "./records";

const awkward = [
  ...study(3),
  diverged("mrpc", "houlsby", 4),
  diverged("stsb", "lora", 1),
  madeUp("cola", "full", 4, { scores: { matthews: null, accuracy: 0.69 } }),
  madeUp("mrpc", "a-method-whose-name-is-very-long-and-<b>bold</b>", 1),
  madeUp("mrpc", "bitfit", 1, { specification: { fraction: 0.3 } }),
  madeUp("mrpc", "bitfit", 1, {
    specification: { method: { name: "bitfit", settings: { biases: ["query", "intermediate"] } } },
  }),
];
const cases: [string, readonly RunRecord[]][] = [
  ["one seed", study(1)],
  ["one run", study(1, ["stsb"], ["bitfit"])],
  ["a diverged run alone", [diverged("cola", "full", 1)]],
  ["awkward runs", awkward],
];
const { learningCurves, scoreAgainstSeconds, scoreAgainstShare } = charts;
const ofRecords = { learningCurves, scoreAgainstSeconds, scoreAgainstShare };
const shares = [0.0065, 0.088, 0.166, 0.322, 0.479, 1];
const figures: [string, string, () => Figure][] = [
  ...Object.entries(ofRecords).flatMap(([name, draw]) =>
    cases.map(([what, records]): [string, string, () => Figure] => [
      ...([name, what] as const),
      () => draw(records),
    ]),
  ),
  ["costCurves", "three axes", () => charts.costCurves(madeUpCosts())],
  ["costCurves", "one axis", () => charts.costCurves(madeUpCosts({ layers: [2, 4, 6, 9, 12] }))],
  [
    ...(["costCurves", "many points"] as const),
    () =>
      charts.costCurves(
        madeUpCosts({ ...{ width: [192, 384, 576, 768], rank: [1, 4, 16, 64] }, share: shares }),
      ),
  ],
  [
    ...(["ratios", "many comparisons"] as const),
    () =>
      charts.ratios(
        ["training", "epochs", "evaluation"].flatMap((part) => benchRows(madeUpBench(part))),
      ),
  ],
];

/** Every text of a picture with its place. */
function texts(document: string): { width: number; height: number; texts: [string, Box][] } {
  const root = new JSDOM(document, { contentType: "image/svg+xml" }).window.document
    .documentElement;
  const found = [...root.querySelectorAll("text")].filter((text) => text.textContent!.trim());
  return {
    width: Number(root.getAttribute("width")),
    height: Number(root.getAttribute("height")),
    texts: found.map((text) => [text.textContent!, placedBox(text)]),
  };
}

function overlap(a: Box, b: Box): boolean {
  const x = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return x > 0.5 && y > 2;
}

it.each(figures)(
  "%s has all its text inside the picture, and none over another: %s",
  async (_, __, draw) => {
    const picture = texts(await svg(draw()));
    expect(picture.texts.length).toBeGreaterThan(10);
    for (const [text, box] of picture.texts) {
      const inside =
        box.left >= 0 && box.top >= 0 && box.right <= picture.width && box.bottom <= picture.height;
      expect(inside, `${text} at ${JSON.stringify(box)}`).toBe(true);
    }
    picture.texts.forEach(([text, box], index) => {
      const over = picture.texts.slice(index + 1).filter(([, other]) => overlap(box, other));
      expect(over.map(([other]) => [text, other])).toEqual([]);
    });
  },
);

it("measures text as the renderer draws it", () => {
  const text = "Matthews correlation × 100, Houlsby adapters";
  const image = new Resvg(
    `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="40"><text y="20" font-family="Arimo" font-size="20">${text}</text></svg>`,
    { font: { loadSystemFonts: false, fontFiles: Object.values(fontFiles) } },
  );
  // The ink is a little narrower than the line, by the room beside its outer letters and kerning.
  const ratio = image.innerBBox()!.width / textWidth(text, 20);
  expect(ratio).toBeGreaterThan(0.97);
  expect(ratio).toBeLessThanOrEqual(1);
});

it("draws the same picture for the same figure, with names of its own for its parts", async () => {
  const [one, two] = [charts.scoreAgainstShare(study(1)), charts.scoreAgainstShare(study(2))];
  const first = await svg(one);
  expect(await svg(one)).toBe(first);
  const ids = (text: string) => [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!);
  const others = new Set(ids(await svg(two)));
  expect(ids(first).length).toBeGreaterThan(0);
  expect(ids(first).filter((id) => others.has(id))).toEqual([]);
});

it("stands alone: nothing in a picture is fetched", async () => {
  const picture = await svg(charts.learningCurves(study(1)));
  expect(picture).not.toMatch(/(href|src)="(?!#)/);
  expect(picture.replaceAll(/xmlns(:xlink)?="[^"]*"/g, "")).not.toContain("http");
});

it("shows a chart in four forms", async () => {
  const chart = charts.learningCurves(study(3));
  const { bundle, failure } = await bundleOf(chart);
  expect(failure).toBeUndefined();
  expect(Object.keys(bundle.data).sort()).toEqual([
    "application/vnd.plotly.v1+json",
    "image/png",
    "text/html",
    "text/plain",
  ]);
  const { data, layout } = chart;
  expect(bundle.data["application/vnd.plotly.v1+json"]).toEqual(
    JSON.parse(JSON.stringify({ data, layout })),
  );
  expect(bundle.data["text/plain"]).toBe(chart.text);
  const html = String(bundle.data["text/html"]);
  expect(html.length).toBeLessThan(100_000);
  expect(html).toContain("<img");
});

it("writes pictures by the ending of their name", async () => {
  const folder = mkdtempSync(join(tmpdir(), "picture-"));
  try {
    const figure = charts.scoreAgainstSeconds(study(1, ["mrpc"]));
    await savePicture(figure, join(folder, "a", "chart.svg"));
    await savePicture(figure, join(folder, "chart.png"));
    expect(readFileSync(join(folder, "a", "chart.svg"), "utf8")).toBe(await svg(figure));
    expect(readFileSync(join(folder, "chart.png"))).toEqual(await png(await svg(figure)));
    await expect(savePicture(figure, join(folder, "chart.gif"))).rejects.toThrow(".svg or .png");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
