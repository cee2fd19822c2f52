import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import type ts from "typescript";
import { contentHash, writeCache } from "./cache";

const load = createRequire(__filename);

/** The compiler, loaded at its first use: that costs a fifth of a second. */
export function typescript(): typeof ts {
  return load("typescript") as typeof ts;
}

/** Version of the compiler, without loading it. */
export function typescriptVersion(): string {
  return (load("typescript/package.json") as { version: string }).version;
}

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
}

/** The project that `folder` belongs to. */
export function openProject(folder: string): Project {
  const config = nearest(folder, "tsconfig.json");
  const root = dirname(config ?? nearest(folder, "package.json") ?? join(resolve(folder), "_"));
  const cache = cacheFolder(root);
  let options: ts.CompilerOptions | undefined;
  return {
    root,
    config,
    cache,
    get options() {
      options ??= config ? configOptions(config, cache) : defaultOptions;
      return options;
    },
    owns(file) {
      const path = relative(root, file);
      // A project may itself lie below a node_modules folder.
      return !(path.startsWith("..") ? file : path).split(sep).includes("node_modules");
    },
  };
}

/** Options where there is no tsconfig.json; the numbers are those of TypeScript's enumerations. */
const defaultOptions: ts.CompilerOptions = {
  target: 9 satisfies ts.ScriptTarget.ES2022,
  lib: ["lib.es2022.d.ts"],
  module: 1 satisfies ts.ModuleKind.CommonJS,
  moduleResolution: 100 satisfies ts.ModuleResolutionKind.Bundler,
  jsx: 2 satisfies ts.JsxEmit.React,
  allowJs: true,
  strict: true,
  noEmit: true,
  esModuleInterop: true,
  resolveJsonModule: true,
  isolatedModules: true,
  skipLibCheck: true,
  types: ["node"],
};

/** What was read of tsconfig.json and the files it extends, and what came out. */
interface SavedOptions {
  readonly version: string;
  readonly files: Readonly<Record<string, string>>;
  readonly options: ts.CompilerOptions;
}

function configOptions(config: string, cache: string | undefined): ts.CompilerOptions {
  const path = cache && join(cache, `options-${contentHash(config).slice(0, 16)}.json`);
  const saved = path ? readSaved(path) : undefined;
  if (saved) return saved.options;

  const compiler = typescript();
  const files: Record<string, string> = {};
  const host: ts.ParseConfigHost = {
    ...compiler.sys,
    // Which files there are is found out by importing them.
    readDirectory: () => [],
    readFile(file) {
      const text = compiler.sys.readFile(file);
      if (text !== undefined) files[file] = contentHash(text);
      return text;
    },
  };
  const source = compiler.readJsonConfigFile(config, host.readFile);
  const root = dirname(config);
  const parsed = compiler.parseJsonSourceFileConfigFileContent(source, host, root, {}, config);
  const { configFile: _, ...options } = parsed.options;
  if (path) {
    const made: SavedOptions = { version: typescriptVersion(), files, options };
    writeCache(path, JSON.stringify(made));
  }
  return options;
}

function readSaved(path: string): SavedOptions | undefined {
  try {
    const saved = JSON.parse(readFileSync(path, "utf8")) as SavedOptions;
    if (saved.version !== typescriptVersion()) return undefined;
    const same = ([file, hash]: [string, string]) =>
      contentHash(readFileSync(file, "utf8")) === hash;
    return Object.entries(saved.files).every(same) ? saved : undefined;
  } catch {
    return undefined;
  }
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
