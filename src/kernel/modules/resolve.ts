import { realpathSync, statSync } from "node:fs";
import { builtinModules, createRequire } from "node:module";
import { extname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  bestPattern,
  exportTarget,
  isModule,
  manifestAbove,
  packageFolder,
  readManifest,
} from "./manifest";
import type { Project } from "./project";

/** What a specifier means. */
export type Target =
  /** A file that the loader runs. */
  | { readonly kind: "file"; readonly path: string }
  /** A file of a package, or a builtin, that Node's `require` runs. */
  | { readonly kind: "require"; readonly path: string }
  /** A file of a package that only `import()` can run. */
  | { readonly kind: "import"; readonly path: string };

const builtins = new Set(builtinModules);
const own = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json"];
/** TypeScript is written with the extension of the JavaScript it becomes. */
const written: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx"],
  ".jsx": [".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};
const conditions = new Set(["node", "import", "module-sync", "default"]);

/** Finds what specifiers mean in one project, as TypeScript does but without loading it. */
export interface Resolver {
  /** @throws an error with code MODULE_NOT_FOUND */
  resolve(specifier: string, folder: string): Target;
}

export function createResolver(project: Project): Resolver {
  const targetOf = (path: string): Target => {
    const real = realpathSync(path);
    if (project.owns(real) && own.includes(extname(real))) return { kind: "file", path: real };
    return { kind: isModule(real) ? "import" : "require", path: real };
  };

  const mapped = (specifier: string): string | undefined => {
    const { paths, baseUrl, pathsBasePath } = project.options;
    const base = baseUrl ?? (pathsBasePath as string | undefined) ?? project.root;
    const match = paths && bestPattern(Object.keys(paths), specifier);
    for (const to of match ? (paths[match.pattern] ?? []) : []) {
      const found = fileAt(resolve(base, to.replace("*", match?.rest ?? "")));
      if (found) return found;
    }
    return baseUrl === undefined ? undefined : fileAt(resolve(baseUrl, specifier));
  };

  /** A package that lies in the project, a subpath import, or a package that shuts `require` out. */
  const packaged = (specifier: string, folder: string): Target | undefined => {
    if (specifier.startsWith("#")) {
      const home = manifestAbove(folder);
      const to = home && exportTarget(home.manifest.imports, specifier, conditions);
      if (!to) return undefined;
      if (!to.startsWith("./")) return resolver.resolve(to, home.folder);
      const found = fileAt(join(home.folder, to));
      return found === undefined ? undefined : targetOf(found);
    }
    const home = packageFolder(specifier, folder);
    if (!home) return undefined;
    const subpath = `.${specifier.slice(home.name.length)}`;
    const { manifest } = home;
    const to =
      manifest.exports === undefined
        ? undefined
        : exportTarget(manifest.exports, subpath, conditions);
    if (manifest.exports !== undefined && to === undefined) return undefined;
    const found = fileAt(join(home.folder, to ?? subpath));
    return found === undefined ? undefined : targetOf(found);
  };

  const resolver: Resolver = {
    resolve(specifier, folder) {
      if (specifier.startsWith("node:") || builtins.has(specifier))
        return { kind: "require", path: specifier };
      const path = specifier.startsWith("file:") ? fileURLToPath(specifier) : specifier;
      if (isAbsolute(path) || /^\.\.?(\/|$)/.test(path)) {
        const found = fileAt(resolve(folder, path), path.endsWith("/"));
        if (found === undefined) throw notFound(specifier, folder);
        return targetOf(found);
      }
      const found = mapped(specifier);
      if (found !== undefined) return targetOf(found);
      const native = nodeResolve(specifier, folder);
      const target = native === undefined ? packaged(specifier, folder) : targetOf(native);
      if (!target) throw notFound(specifier, folder);
      if (target.kind !== "import") return target;
      // `require` and `import` may mean different files; what import() runs is the one that import means.
      return packaged(specifier, folder) ?? target;
    },
  };
  return resolver;
}

function notFound(specifier: string, folder: string): Error {
  const message = `Cannot find module '${specifier}' from ${folder}`;
  return Object.assign(new Error(message), { code: "MODULE_NOT_FOUND" });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The file a path without its extension, or a folder, means. */
function fileAt(path: string, folderOnly = false): string | undefined {
  if (!folderOnly) {
    const extension = extname(path);
    const stem = path.slice(0, path.length - extension.length);
    for (const other of written[extension] ?? []) if (isFile(stem + other)) return stem + other;
    // A known extension is most likely the file's own; another, such as `.base`, part of its name.
    if (own.includes(extension) && isFile(path)) return path;
    for (const other of own) if (isFile(path + other)) return path + other;
  }
  const entry = statSync(path, { throwIfNoEntry: false });
  if (entry?.isFile()) return path;
  if (!entry?.isDirectory()) return undefined;
  const main = readManifest(path)?.main;
  if (main !== undefined && join(path, main) !== join(path)) {
    const found = fileAt(join(path, main));
    if (found !== undefined) return found;
  }
  return own.map((extension) => join(path, `index${extension}`)).find(isFile);
}

function nodeResolve(specifier: string, folder: string): string | undefined {
  try {
    return createRequire(join(folder, "_")).resolve(specifier);
  } catch {
    return undefined;
  }
}
