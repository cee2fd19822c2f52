import { readFileSync } from "node:fs";
import { dirname, extname, join, sep } from "node:path";

/** What resolution reads of a package.json. */
export interface Manifest {
  readonly name?: string;
  readonly main?: string;
  readonly type?: string;
  readonly exports?: unknown;
  readonly imports?: unknown;
}

/** A package.json and where it lies. */
export interface Home {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Whether Node takes the JavaScript file for an ES module. */
export function isModule(path: string): boolean {
  const extension = extname(path);
  if (extension !== ".js") return extension === ".mjs";
  return manifestAbove(dirname(path))?.manifest.type === "module";
}

const manifests = new Map<string, Manifest | undefined>();

export function readManifest(folder: string): Manifest | undefined {
  // Packages are not expected to change while the kernel runs; the project's own files may.
  const installed = folder.includes(`${sep}node_modules${sep}`);
  if (installed && manifests.has(folder)) return manifests.get(folder);
  let manifest: Manifest | undefined;
  try {
    manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  } catch {
    manifest = undefined;
  }
  if (installed) manifests.set(folder, manifest);
  return manifest;
}

/** The nearest package.json above files of `folder`. */
export function manifestAbove(folder: string): Home | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const manifest = readManifest(at);
    if (manifest) return { folder: at, manifest };
    if (at === dirname(at)) return undefined;
  }
}

/** The package that a bare specifier names: the one `from` lies in, or an installed one. */
export function packageFolder(
  specifier: string,
  from: string,
): (Home & { name: string }) | undefined {
  const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  const home = manifestAbove(from);
  if (home?.manifest.name === name && home.manifest.exports !== undefined) return { name, ...home };
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, "node_modules", name);
    const manifest = readManifest(folder);
    if (manifest) return { name, folder, manifest };
    if (at === dirname(at)) return undefined;
  }
}

/** The pattern with the longest part before `*` that fits, and what `*` stands for. */
export function bestPattern(
  patterns: readonly string[],
  name: string,
): { pattern: string; rest: string } | undefined {
  let best: { pattern: string; rest: string; length: number } | undefined;
  for (const pattern of patterns) {
    if (pattern === name) return { pattern, rest: "" };
    const star = pattern.indexOf("*");
    if (star < 0) continue;
    const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
    if (!name.startsWith(before) || !name.endsWith(after)) continue;
    if (name.length < before.length + after.length || (best && best.length >= star)) continue;
    best = { pattern, rest: name.slice(star, name.length - after.length), length: star };
  }
  return best;
}

/** What `exports` or `imports` of a package.json give for a subpath. */
export function exportTarget(
  field: unknown,
  subpath: string,
  conditions: ReadonlySet<string>,
): string | undefined {
  const table = isTable(field) ? field : { ".": field };
  const match = bestPattern(Object.keys(table), subpath);
  return match && conditional(table[match.pattern], conditions)?.replaceAll("*", match.rest);
}

function isTable(field: unknown): field is Readonly<Record<string, unknown>> {
  if (typeof field !== "object" || field === null || Array.isArray(field)) return false;
  return Object.keys(field).every((key) => key.startsWith(".") || key.startsWith("#"));
}

function conditional(value: unknown, conditions: ReadonlySet<string>): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return undefined;
  const choices = Array.isArray(value)
    ? value
    : Object.entries(value).flatMap(([key, choice]) => (conditions.has(key) ? [choice] : []));
  for (const choice of choices) {
    const found = conditional(choice, conditions);
    if (found !== undefined) return found;
  }
  return undefined;
}
