import { JSDOM } from "jsdom";
import { expect, test } from "vitest";
import { drawFormulas } from "../../../src/kernel/headless/formulas";

test("formulas become pictures, and the rest stays", async () => {
  const page =
    '<p>Of <script type="math/tex">a < \\text{"b" \\& c}</script>,</p><p><script type="math/tex; mode=display">\\frac{1}{x}</script></p><script>const s = "$x$";</script>';
  const drawn = await drawFormulas(page);
  const { document } = new JSDOM(drawn).window;
  const [inline, display] = document.querySelectorAll<HTMLElement>("[role=img][aria-label]");
  expect(inline!.getAttribute("aria-label")).toBe('a < \\text{"b" \\& c}');
  expect(display!.style.display).toBe("block");
  for (const picture of [inline!, display!]) {
    expect(picture.querySelectorAll("svg")).toHaveLength(1);
    expect(picture.querySelectorAll("path").length).toBeGreaterThan(1);
  }
  expect(drawn).toContain('<script>const s = "$x$";</script>');
  expect(drawn).not.toContain("math/tex");
});

test("pictures of one page do not share names", async () => {
  const formula = '<script type="math/tex">x + 1</script>';
  const ids = [...(await drawFormulas(formula + formula)).matchAll(/ id="([^"]+)"/g)].map(
    ([, id]) => id,
  );
  expect(ids.length).toBeGreaterThan(1);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a page without formulas stays as it is", async () => {
  expect(await drawFormulas("<p>$5 and $6</p>")).toBe("<p>$5 and $6</p>");
});
