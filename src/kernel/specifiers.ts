import { statSync } from "node:fs";
import { join, relative, resolve } from "node:path";

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
 * @param specifiers the modules the cell names, in order
 * @param folder the notebook's folder, which relative specifiers start from
 * @param root the project's folder
 * @param cursor a place in the cell to keep track of; the specifier it stands in is left as typed
 */
export function mapSpecifiers(
  code: string,
  specifiers: readonly Specifier[],
  { folder, root, cursor = 0 }: { folder: string; root: string; cursor?: number },
): { code: string; cursor: number } {
  let mapped = "";
  let copied = 0;
  let mappedCursor = cursor;
  for (const { start, name } of specifiers) {
    const begin = start + 1;
    const end = begin + name.length;
    const target = sourceModule(name, folder, root);
    const typing = cursor >= begin && cursor <= end;
    // Where the text is not the name, the specifier holds escapes.
    if (target === undefined || typing || code.slice(begin, end) !== name) continue;
    mapped += code.slice(copied, begin) + target;
    copied = end;
    if (cursor > end) mappedCursor += target.length - name.length;
  }
  return { code: mapped + code.slice(copied), cursor: mappedCursor };
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
