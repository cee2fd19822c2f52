import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Script } from "node:vm";
import type { DOMWindow } from "jsdom";
import { canvasMethods } from "./canvas";
import { compact } from "./compact";
import { type Figure, figureJson, sizeOf } from "./figure";
import { fontFiles } from "./font";
import { type Box, boxOf, placedBox } from "./geometry";
import { encodePng } from "./png";

interface Plotly {
  toImage(
    figure: unknown,
    options: { format: "svg"; imageDataOnly: true; width: number; height: number },
  ): Promise<string>;
}

type PlotlyWindow = DOMWindow & { Plotly: Plotly };

// Global, since the kernel and the project's code have modules of their own: plotly is loaded once.
const key = Symbol.for("peftlab.kernel.plotly");
const shared = globalThis as { [key]?: Promise<PlotlyWindow> };

/**
 * Draws a chart without a browser. The first call loads plotly into jsdom, about a second.
 *
 * @returns an SVG document that stands alone and is the same for the same figure
 */
export async function svg(figure: Figure): Promise<string> {
  shared[key] ??= openPage();
  const window = await shared[key];
  const json = figureJson(figure);
  const drawable = withoutWebgl(JSON.parse(json));
  // Plotly numbers clip paths at random: fixed for one figure, other for another, since both may stand on one page.
  window.Math.random = numbers(json);
  return window.Plotly.toImage(drawable, {
    format: "svg",
    imageDataOnly: true,
    ...sizeOf(figure),
  });
}

/** Kinds of traces that only a browser draws, with WebGL or maps from the network. */
const browserOnly =
  /^(scatter3d|surface|mesh3d|cone|streamtube|isosurface|volume|splom|parcoords|scattergeo|choropleth|(scatter|choropleth|density)map(box)?)$/;

/** The figure with its WebGL traces drawn in lines, which look the same; throws where there is no such kind. */
function withoutWebgl({ data, ...others }: Figure): Figure {
  const traces = data.map((trace) => {
    const { type = "scatter" } = trace as { type?: string };
    if (browserOnly.test(type)) throw new Error(`only a browser draws traces of type ${type}`);
    return { ...trace, type: type.replace(/gl$/, "") };
  });
  return { ...others, data: traces };
}

/** The same picture in far fewer bytes. */
export async function compactSvg(document: string): Promise<string> {
  shared[key] ??= openPage();
  const { DOMParser, XMLSerializer } = await shared[key];
  const tree = new DOMParser().parseFromString(document, "image/svg+xml");
  compact(tree);
  return new XMLSerializer().serializeToString(tree);
}

/** Numbers in [0, 1) that depend on the seed only. */
function numbers(seed: string): () => number {
  let state = createHash("sha256").update(seed).digest();
  return () => {
    state = createHash("sha256").update(state).digest();
    return state.readUInt32LE() / 2 ** 32;
  };
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
  return encodePng(image.render());
}

/** Plotly in jsdom, with what jsdom lacks of what plotly asks for. */
async function openPage(): Promise<PlotlyWindow> {
  const { JSDOM, VirtualConsole } = await import("jsdom");
  const dom = new JSDOM("<!doctype html><body></body>", {
    runScripts: "outside-only",
    pretendToBeVisual: true,
    virtualConsole: new VirtualConsole(),
  });
  const { window } = dom;
  Object.assign(window.URL, { createObjectURL: () => "blob:none", revokeObjectURL: () => {} });
  Object.assign(window.HTMLCanvasElement.prototype, canvasMethods);
  // So that a heatmap's cells are drawn in their size: not every viewer of SVG enlarges pixels with sharp edges.
  Object.assign(window, { CSS: { supports: () => false } });
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
  return window as PlotlyWindow;
}

function rectangle({ left, top, right, bottom }: Box) {
  return { x: left, y: top, left, top, right, bottom, width: right - left, height: bottom - top };
}
