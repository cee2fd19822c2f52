import type { Bundle } from "../bundle";
import { escapeHtml, oneLine } from "../text";
import { type Figure, figureJson, figureText, figureType, isFigure, sizeOf } from "./figure";
import { imageHtml, liveHtml, svgAddress } from "./live";

/** Bytes of the HTML. What is above it is the chart's own data. */
const limit = 100_000;

/** Pixels of a bitmap for each of the chart's own; fewer where all forms together are above the limit. */
const scales = [2, 1.5, 1] as const;

/** The forms of a value that is a figure: plotly's, a picture that comes to life, a bitmap, words; else undefined. */
export async function chartForms(value: object): Promise<Bundle | undefined> {
  return isFigure(value) ? await formsOf(value, figureText(value)) : undefined;
}

/** A bundle that has a figure and neither HTML nor bitmap of it, with those. */
export async function withPicture(bundle: Bundle): Promise<Bundle> {
  const { [figureType]: figure, "text/plain": text } = bundle.data;
  if (!isFigure(figure) || "text/html" in bundle.data || "image/png" in bundle.data) return bundle;
  const { data, metadata } = await formsOf(figure, String(text));
  return { data: { ...data, ...bundle.data }, metadata: { ...metadata, ...bundle.metadata } };
}

async function formsOf(value: Figure, text: string): Promise<Bundle> {
  const json = figureJson(value);
  const figure = JSON.parse(json) as Figure;
  const size = sizeOf(figure);
  const bundle = (picture: string, bitmap?: string): Bundle => ({
    data: {
      [figureType]: figure,
      "text/html": liveHtml({ figure: json, picture }),
      "image/png": bitmap,
      "text/plain": text,
    },
    metadata: { "image/png": size },
  });
  try {
    const { address, bitmaps } = await drawn(figure);
    let shown: Bundle | undefined;
    for await (const bitmap of bitmaps) {
      const image = (source: string) => bundle(imageHtml(source, text, size), bitmap);
      const inLines = address === undefined ? undefined : image(address);
      const isShort = String(inLines?.data["text/html"]).length <= limit;
      shown = inLines && isShort ? inLines : image(`data:image/png;base64,${bitmap}`);
      if (JSON.stringify(shown).length <= limit) break;
    }
    return shown!;
  } catch (error) {
    // Some kinds of chart need a browser to be drawn: until one draws it, its words stand in its place.
    const reason = oneLine(String((error as Error | undefined)?.message ?? error), 300);
    return bundle(`<pre>${escapeHtml(`${text}\n(no picture: ${reason})`)}</pre>`);
  }
}

/** Letters of an SVG document that is longer in any form than a bitmap. */
const longest = 300_000;

/** A figure's picture: the address of one in lines, unless that is long, and bitmaps as base64, smaller and smaller. */
async function drawn(figure: Figure) {
  // Loaded with the first chart.
  const { compactSvg, png, svg } = await import("./picture");
  const document = await svg(figure);
  return {
    address: document.length > longest ? undefined : svgAddress(await compactSvg(document)),
    bitmaps: (async function* () {
      for (const scale of scales) yield (await png(document, scale)).toString("base64");
    })(),
  };
}
