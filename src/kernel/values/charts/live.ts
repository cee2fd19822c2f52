import { deflateSync } from "node:zlib";
import { kernelName, plotlyFile, plotlyName } from "../../kernelspec";
import { escapeHtml } from "../text";

/** A chart for viewers of HTML: a picture of it, which becomes the live chart where scripts run and plotly is at hand. */
export interface LiveChart {
  /** The figure, as JSON. */
  readonly figure: string;
  /** The picture, as HTML. */
  readonly picture: string;
}

// Runs in the browser, once for each chart. What fails leaves the picture.
const script = `(async (packed) => {
  let chart;
  try {
    const picture = document.currentScript.previousElementSibling;
    const load = () => new Promise((resolve, reject) => {
      const { baseUrl } = JSON.parse(document.getElementById("jupyter-config-data").textContent);
      const src = baseUrl.replace(/\\/*$/, "/kernelspecs/${kernelName}/${plotlyFile}");
      const element = Object.assign(document.createElement("script"), { src, onload: resolve, onerror: reject });
      document.head.append(element);
    });
    if (!self.${plotlyName}) await (self.${plotlyName}Loading ??= load());
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const figure = await new Response(unpacked).json();
    chart = document.createElement("div");
    chart.style.cssText = "position:absolute;visibility:hidden";
    picture.after(chart);
    await self.${plotlyName}.newPlot(chart, figure);
    chart.style.cssText = "";
    picture.remove();
  } catch {
    chart?.remove();
  }
})`
  .replace(/^\s+/gm, "")
  .replaceAll("\n", " ");

export function liveHtml({ figure, picture }: LiveChart): string {
  const packed = deflateSync(figure, { level: 9 }).toString("base64");
  return `<div style="overflow-x:auto">${picture}<script>${script}("${packed}")</script></div>`;
}

/** A picture as HTML, from its address; `text` stands for it where it is not seen. */
export function imageHtml(
  address: string,
  text: string,
  { width, height }: { readonly width: number; readonly height: number },
): string {
  const source = address.replaceAll("&", "&amp;").replaceAll("'", "&#39;");
  const size = `width="${width}" height="${height}" style="max-width:100%;height:auto"`;
  return `<img alt="${escapeHtml(text)}" ${size} src='${source}'>`;
}

/** An SVG document as an address; far shorter than base64. */
export function svgAddress(document: string): string {
  const written = document.replace(/[%#'\r\n\t]/g, encodeURIComponent).replaceAll("'", "%27");
  return `data:image/svg+xml;charset=utf-8,${written}`;
}
