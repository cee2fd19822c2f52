import { JSDOM } from "jsdom";
import { expect, test } from "vitest";
import { htmlOf, inspected } from "../../../src/kernel/values/inspection";

test("HTML says what the text says, in colours of the theme", () => {
  const value = {
    n: 1,
    s: '<b> & "q"',
    f() {},
    u: undefined,
    d: new Date(0),
    r: /x/,
    nested: [null],
  };
  const { text, html } = inspected(value);
  const { document } = new JSDOM(html!).window;
  expect(document.body.textContent).toBe(text);
  expect(document.querySelectorAll("b")).toHaveLength(0);
  const colours = [...document.querySelectorAll("span")].map((span) => span.getAttribute("style")!);
  expect(colours.filter((style) => style.includes("var(--jp-")).length).toBeGreaterThan(4);
  expect(colours).toContain("font-weight:bold");
});

test("terminal codes become styles, and unknown ones go", () => {
  const { document } = new JSDOM(
    htmlOf("a\x1b[1;31mb\x1b[0mc\x1b[2Jd\x1b[4me\x1b[24mf\x1b[38;5;9mg"),
  ).window;
  expect(document.body.textContent).toBe("abcdefg");
  const [b, e] = document.querySelectorAll("span");
  expect(b!.textContent).toBe("b");
  expect(b!.getAttribute("style")).toMatch(/color:.*;font-weight:bold/);
  expect(e!.getAttribute("style")).toBe("text-decoration:underline");
});
