/** What is used of MathJax, which brings no types. */
interface MathJax {
  tex2svgPromise(tex: string, options: { display: boolean }): Promise<unknown>;
  startup: { adaptor: { innerHTML(node: unknown): string } };
}

let loading: Promise<MathJax> | undefined;

function load(): Promise<MathJax> {
  loading ??= require("mathjax").init({
    loader: { load: ["input/tex", "output/svg"] },
    svg: { fontCache: "local", linebreaks: { inline: false } },
    startup: { typeset: false },
  }) as Promise<MathJax>;
  return loading;
}

/**
 * Draw the formulas of an HTML page: each element `<script type="math/tex">` (with `; mode=display` for a line of its
 * own) becomes an SVG picture that needs neither fonts nor scripts. Other text stays as it is.
 */
export async function drawFormulas(html: string): Promise<string> {
  const pattern = /<script type="math\/tex(; mode=display)?">([\s\S]*?)<\/script>/g;
  let drawn = "";
  let copied = 0;
  for (const match of html.matchAll(pattern)) {
    const [element, mode, tex] = match as unknown as [string, string | undefined, string];
    drawn += html.slice(copied, match.index) + (await draw(tex, mode !== undefined));
    copied = match.index + element.length;
  }
  return drawn + html.slice(copied);
}

async function draw(tex: string, display: boolean): Promise<string> {
  const mathjax = await load();
  const node = await mathjax.tex2svgPromise(tex, { display });
  const svg = mathjax.startup.adaptor.innerHTML(node).replaceAll(/ data-latex="[^"]*"/g, "");
  const style = display ? ' style="display: block; text-align: center; overflow-x: auto"' : "";
  return `<span role="img" aria-label="${attribute(tex)}"${style}>${svg}</span>`;
}

function attribute(text: string): string {
  return text
    .trim()
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
