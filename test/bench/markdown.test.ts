import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { fillBetween, fillPages, writeFigures } from "./markdown";

const folder = mkdtempSync(join(tmpdir(), "peftlab-markdown-"));
afterAll(() => rmSync(folder, { recursive: true }));
const log = vi.spyOn(console, "log").mockImplementation(() => {});

const page = "# Speed\n<!-- bench:training -->\nold\n<!-- /bench:training -->\nmore\n";

test("what stood between the comments is replaced, and nothing else", () => {
  const filled = "# Speed\n<!-- bench:training -->\n| new |\n<!-- /bench:training -->\nmore\n";
  expect(fillBetween(page, "bench:training", "| new |\n")).toBe(filled);
  expect(fillBetween(filled, "bench:training", "| new |")).toBe(filled);
});

test("a page without the comments stays as it is", () => {
  expect(fillBetween(page, "parity:mrpc", "| new |")).toBe(page);
});

test.each(["<!-- bench:training -->", "<!-- /bench:training -->"])(
  "%s alone is an error",
  (one) => {
    expect(() => fillBetween(one, "bench:training", "x")).toThrow("needs");
  },
);

test("every page that has the part gets it; missing pages do not matter", () => {
  const [readme, other, absent] = ["a.md", "b.md", "c.md"].map((name) => join(folder, name));
  writeFileSync(readme!, page);
  writeFileSync(other!, "nothing here");
  fillPages("bench:training", "| new |", [readme!, other!, absent!]);
  expect(readFileSync(readme!, "utf8")).toContain("\n| new |\n");
  expect(readFileSync(other!, "utf8")).toBe("nothing here");
  expect(log).toHaveBeenCalledTimes(1);
});

test("figures are written as JSON, with their folder", () => {
  const file = join(folder, "new", "figures.json");
  writeFigures(file, { speed: 2 });
  expect(readFileSync(file, "utf8")).toBe('{\n  "speed": 2\n}\n');
});
