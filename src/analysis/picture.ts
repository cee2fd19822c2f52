import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Script } from "node:vm";
import type { DOMWindow } from "jsdom";
import type { Data, Layout } from "plotly.js";
import { seeded } from "../glue/random";
import { fontFiles } from "./font";
import { type Box, boxOf, placedBox } from "./geometry";

/** What plotly draws: the same object in JupyterLab, in a browser and here. */
export interface Figure {
  readonly data: readonly Partial<Data>[];
  /** With `width` and `height`, in pixels. */
  readonly layout: Partial<Layout>;
}

interface Plotly {
  toImage(
    figure: unknown,
    options: { format: "svg"; imageDataOnly: true; width: number; height: number },
  ): Promise<string>;
}

let page: Promise<DOMWindow & { Plotly: Plotly }> | undefined;

/**
 * Draws a chart without a browser. The first call loads plotly into jsdom, about a second.
 *
 * @returns an SVG document that stands alone and is the same for the same figure
 */
export async function svg({ data, layout }: Figure): Promise<string> {
  page ??= openPage();
  const window = await page;
  const { width = 700, height = 450 } = layout;
  // Plotly numbers clip paths at random: fixed for one figure, other for another, since both may stand on one page.
  window.Math.random = seeded(JSON.stringify({ data, layout })).next;
  const figure = structuredClone({ data, layout });
  return window.Plotly.toImage(figure, { format: "svg", imageDataOnly: true, width, height });
}

/** A bitmap of an SVG document, with `scale` pixels for each of its own. */
export async function png(document: string, scale = 2): Promise<Buffer> {
  const { Resvg } = await import("@resvg/resvg-js");
  const image = new Resvg(document, {
    fitTo: { mode: "zoom", value: scale },
    font: {
      loadSystemFonts: false,
      fontFiles: Object.values(fontFiles),
      defaultFontFamily: "Arimo",
      sansSerifFamily: "Arimo",
    },
  });
  return image.render().asPng();
}

/** Writes a picture of a chart; the file's ending, `.svg` or `.png`, says which. */
export async function savePicture(figure: Figure, file: string): Promise<void> {
  const ending = /\.(svg|png)$/.exec(file)?.[1];
  if (!ending) throw new Error(`${file}: a picture's name must end in .svg or .png.`);
  const picture = await svg(figure);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, ending === "svg" ? picture : await png(picture));
}

/** Plotly in jsdom, with what jsdom lacks of what plotly asks for. */
async function openPage(): Promise<DOMWindow & { Plotly: Plotly }> {
  const { JSDOM, VirtualConsole } = await import("jsdom");
  const dom = new JSDOM("<!doctype html><body></body>", {
    runScripts: "outside-only",
    pretendToBeVisual: true,
    virtualConsole: new VirtualConsole(),
  });
  const { window } = dom;
  Object.assign(window.URL, { createObjectURL: () => "blob:none", revokeObjectURL: () => {} });
  Object.assign(window.HTMLCanvasElement.prototype, { getContext: () => null });
  Object.assign(window.SVGElement.prototype, {
    getBBox(this: Element) {
      return rectangle(boxOf(this) ?? { left: 0, top: 0, right: 0, bottom: 0 });
    },
    getBoundingClientRect(this: Element) {
      return rectangle(placedBox(this));
    },
    getComputedTextLength(this: Element) {
      const box = boxOf(this);
      return box ? box.right - box.left : 0;
    },
  });
  const source = readFileSync(require.resolve("plotly.js-dist"), "utf8");
  new Script(source, { filename: "plotly.js" }).runInContext(dom.getInternalVMContext());
  return window as DOMWindow & { Plotly: Plotly };
}

function rectangle({ left, top, right, bottom }: Box) {
  return { x: left, y: top, left, top, right, bottom, width: right - left, height: bottom - top };
}
