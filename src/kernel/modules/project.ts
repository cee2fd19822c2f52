import { existsSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import type ts from "typescript";
import { type Config, defaultOptions, isCurrent, readConfig } from "./tsconfig";

/** A folder of TypeScript: everything below `root` outside node_modules. */
export interface Project {
  /** Folder of the nearest tsconfig.json; else of the nearest package.json; else the folder itself. */
  readonly root: string;
  /** Path of tsconfig.json, if there is one. */
  readonly config: string | undefined;
  /** Options of tsconfig.json, or strict ones where there is none. */
  readonly options: ts.CompilerOptions;
  /** Folder for what can be made again; undefined where the project has no place for it. */
  readonly cache: string | undefined;
  /** Whether the loader compiles the file at this real path and watches it. */
  owns(file: string): boolean;
  /**
   * Reads the options again if tsconfig.json, or what it extends, changed. While something is wrong with it, they stay
   * as they were.
   *
   * @returns whether they are others now, and what is wrong that was not said before, a line each
   */
  refresh(): { readonly changed: boolean; readonly problems: readonly string[] };
}

/** The project that `folder` belongs to. */
export function openProject(folder: string): Project {
  const config = nearest(folder, "tsconfig.json");
  const root = dirname(config ?? nearest(folder, "package.json") ?? join(resolve(folder), "_"));
  const cache = cacheFolder(root);
  let current: Config | undefined;
  const open = () => {
    current ??= config
      ? readConfig(config, cache)
      : { options: defaultOptions, files: {}, problems: [] };
    return current;
  };
  let seen = config;
  let said = false;
  return {
    root,
    config,
    cache,
    get options() {
      return open().options;
    },
    refresh() {
      const before = open();
      const problems = said ? [] : [...before.problems];
      said = true;
      const now = nearest(folder, "tsconfig.json");
      if (now !== seen && now !== undefined && now !== config)
        problems.push(`${now} is new; restart the kernel to use it.`);
      seen = now;
      if (!config || isCurrent(before)) return { changed: false, problems };
      const next = readConfig(config, cache);
      const wrong = next.problems.length > 0;
      const same = JSON.stringify(next.options) === JSON.stringify(before.options);
      current = wrong || same ? { ...next, options: before.options } : next;
      if (wrong) problems.push(...next.problems, "The options stay as they were.");
      return { changed: !wrong && !same, problems };
    },
    owns(file) {
      const path = relative(root, file);
      // A project may itself lie below a node_modules folder.
      return !(path.startsWith("..") ? file : path).split(sep).includes("node_modules");
    },
  };
}

function cacheFolder(root: string): string | undefined {
  const home = existsSync(join(root, "package.json")) ? root : nearest(root, "node_modules");
  if (home === undefined) return undefined;
  const packages = home === root ? join(root, "node_modules") : home;
  return join(packages, ".cache", "peftlab-kernel");
}

function nearest(folder: string, name: string): string | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const path = join(at, name);
    if (existsSync(path)) return path;
    if (at === dirname(at)) return undefined;
  }
}
