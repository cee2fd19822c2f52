import { statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Edit } from "./edits";

/** A module named in a cell: `start` is the place of the opening quotation mark, `name` what stands inside. */
export interface Specifier {
  readonly start: number;
  readonly name: string;
}

/** The npm workspace package that `src` is: its link in `node_modules` makes it resolve from any notebook. */
export const sourcePackage = "@peftlab/src";

/**
 * Name the source package wherever a cell names a module of `src` by a relative path.
 *
 * tslab compiles what a cell imports relatively, by rules of its own and only from below the notebook's folder. A
 * package it takes as it is: typed from its `.ts` files, and run by Node's loader.
 *
 * @param specifiers the modules the cell names
 * @param folder the notebook's folder, which relative specifiers start from
 * @param root the project's folder
 */
export function specifierEdits(
  code: string,
  specifiers: readonly Specifier[],
  { folder, root }: { folder: string; root: string },
): Edit[] {
  return specifiers.flatMap(({ start, name }) => {
    const [begin, end] = [start + 1, start + 1 + name.length];
    const target = sourceModule(name, folder, root);
    // Where the text is not the name, the specifier holds escapes.
    return target === undefined || code.slice(begin, end) !== name
      ? []
      : [{ begin, end, text: target }];
  });
}

/** The source package's name for what `name` means in `folder`; undefined for anything but a module of `src`. */
function sourceModule(name: string, folder: string, root: string): string | undefined {
  if (!/^\.\.?(\/|$)/.test(name) || outside(root, folder)) return undefined;
  const source = join(root, "src");
  const file = resolve(folder, name);
  if (outside(source, file)) return undefined;
  if (![file, `${file}.ts`, join(file, "index.ts")].some(isFile)) return undefined;
  return [sourcePackage, ...relative(source, file).split(/[\\/]/)].filter(Boolean).join("/");
}

function outside(folder: string, file: string): boolean {
  return /^\.\.(?:[\\/]|$)/.test(relative(folder, file));
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}
