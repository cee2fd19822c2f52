import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "../../src/setup/paths";

/**
 * Puts content between the comments `<!-- name -->` and `<!-- /name -->` of a page, each on a line of its own.
 * A page without them stays as it is.
 *
 * @throws when one of the two comments is missing or stands in the wrong order
 */
export function fillBetween(page: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 && to < 0) return page;
  if (from < 0 || to < from)
    throw new Error(
      `the page needs "${start}" and then "${end}"; it has only one, or turned round`,
    );
  return `${page.slice(0, from + start.length)}\n${content.trim()}\n${page.slice(to)}`;
}

/** Fills the part in every page of the project that has it. */
export function fillPages(
  name: string,
  content: string,
  pages = ["README.md", "environment.md"].map((page) => join(root, page)),
): void {
  for (const page of pages.filter((file) => existsSync(file))) {
    const before = readFileSync(page, "utf8");
    const after = fillBetween(before, name, content);
    if (after === before) continue;
    writeFileSync(page, after);
    console.log(`table put into ${relative(process.cwd(), page)}`);
  }
}

/** Writes figures as JSON that reads well in a diff, and says where. */
export function writeFigures(file: string, figures: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
  console.log(`written: ${relative(process.cwd(), file)}`);
}
