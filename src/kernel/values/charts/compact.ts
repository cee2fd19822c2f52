/** What markers are drawn by: paths that differ in their place only. */
interface Repeated {
  readonly first: Element;
  readonly others: Element[];
}

const svgNamespace = "http://www.w3.org/2000/svg";

/**
 * Makes plotly's SVG document several times shorter, and the picture stays the same: styles that many elements have
 * become classes, shapes that are drawn often are written once, and what draws nothing goes.
 */
export function compact(document: XMLDocument): void {
  const root = document.documentElement;
  const elements = [...root.querySelectorAll("*")];
  const styles = new Map<string, string>();
  for (const element of elements) {
    for (const name of element.getAttributeNames()) {
      const value = element.getAttribute(name)!;
      if (name === "class" || name.startsWith("data-")) element.removeAttribute(name);
      else if (places.test(name)) element.setAttribute(name, rounded(value));
    }
    const style = element.getAttribute("style")?.trim();
    element.removeAttribute("style");
    if (!style) continue;
    const name = styles.get(style) ?? `s${styles.size}`;
    styles.set(style, name);
    element.setAttribute("class", name);
  }
  removeUnused(elements, root.outerHTML);
  shareShapes(document);
  const sheet = document.createElementNS(svgNamespace, "style");
  sheet.textContent = [...styles].map(([style, name]) => `.${name}{${style}}`).join("");
  root.prepend(sheet);
}

/** Attributes of numbers in pixels. */
const places = /^([xy][12]?|d|dx|r|width|height|transform|points)$/;

/** To a hundredth of a pixel. */
function rounded(value: string): string {
  return value.replace(/-?\d+\.\d{3,}/g, (number) =>
    String(Math.round(Number(number) * 100) / 100),
  );
}

/** Takes away what draws nothing: clip paths that no one names, and groups that are empty or say nothing. */
function removeUnused(elements: readonly Element[], text: string): void {
  for (const element of [...elements].reverse()) {
    const { tagName, id, childNodes, attributes } = element;
    if (tagName === "clipPath" && !text.includes(`#${id})`)) element.remove();
    else if (tagName === "g" && childNodes.length === 0) element.remove();
    else if (tagName === "g" && attributes.length === 0) element.replaceWith(...childNodes);
  }
}

function shareShapes(document: XMLDocument): void {
  const shapes = new Map<string, Repeated>();
  for (const path of document.querySelectorAll("path[transform]")) {
    const { attributes } = path;
    if (attributes.length > 3 || placeOf(path) === undefined) continue;
    const shape = `${path.getAttribute("class")} ${path.getAttribute("d")}`;
    const known = shapes.get(shape);
    if (known) known.others.push(path);
    else shapes.set(shape, { first: path, others: [] });
  }
  const all = [...shapes.values()].filter(({ others }) => others.length > 0);
  for (const [index, { first, others }] of all.entries()) {
    const id = `m${index}`;
    const defined = first.cloneNode() as Element;
    defined.setAttribute("id", id);
    defined.removeAttribute("transform");
    const definitions = document.createElementNS(svgNamespace, "defs");
    definitions.append(defined);
    document.documentElement.prepend(definitions);
    for (const path of [first, ...others]) {
      const [x, y] = placeOf(path)!;
      const use = document.createElementNS(svgNamespace, "use");
      use.setAttribute("href", `#${id}`);
      use.setAttribute("x", x);
      use.setAttribute("y", y);
      path.replaceWith(use);
    }
  }
}

/** Where a path that is only moved is moved to. */
function placeOf(path: Element): [x: string, y: string] | undefined {
  const place = /^translate\((-?[\d.]+),\s*(-?[\d.]+)\)$/.exec(
    path.getAttribute("transform") ?? "",
  );
  return place ? [place[1]!, place[2]!] : undefined;
}
