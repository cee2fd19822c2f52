import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type ts from "typescript";
import { contentHash, writeCache } from "./cache";
import { typescript, typescriptVersion } from "./typescript";

/** Options where there is no tsconfig.json; the numbers are those of TypeScript's enumerations. */
export const defaultOptions: ts.CompilerOptions = {
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

/** What tsconfig.json, and the files that it extends, say. */
export interface Config {
  readonly options: ts.CompilerOptions;
  /** Hashes of the files that were read, by path; empty for one that is not there. */
  readonly files: Readonly<Record<string, string>>;
  /** What is wrong with them, a line each. */
  readonly problems: readonly string[];
}

/** Of what is kept; the number goes up when other things are kept, so that what older versions kept is not used. */
const version = () => `2 ${typescriptVersion()}`;

/** Complaints of a configuration that no file belongs to: which there are is found out by importing them. */
const fileless = new Set([18002, 18003]);

/** @param cache folder where what was read without a problem is kept, since the compiler is slow to load */
export function readConfig(config: string, cache: string | undefined): Config {
  const path = cache && join(cache, `options-${contentHash(config).slice(0, 16)}.json`);
  const saved = path ? readSaved(path) : undefined;
  if (saved) return saved;

  const compiler = typescript();
  const files: Record<string, string> = {};
  const host: ts.ParseConfigHost = {
    ...compiler.sys,
    readDirectory: () => [],
    readFile(file) {
      const text = compiler.sys.readFile(file);
      files[file] = text === undefined ? "" : contentHash(text);
      return text;
    },
  };
  const source = compiler.readJsonConfigFile(config, host.readFile);
  if (files[config] === "") {
    const problems = [`${config} cannot be read.`];
    return { options: defaultOptions, files, problems };
  }
  const root = dirname(config);
  const parsed = compiler.parseJsonSourceFileConfigFileContent(source, host, root, {}, config);
  const { configFile: _, ...options } = parsed.options;
  const problems = compiler
    .getConfigFileParsingDiagnostics(parsed)
    .filter(({ code }) => !fileless.has(code))
    .map((problem) =>
      compiler
        .formatDiagnostic(problem, {
          getCurrentDirectory: () => "",
          getCanonicalFileName: (name) => name,
          getNewLine: () => "\n",
        })
        .trimEnd(),
    );
  const made: Config = { options, files, problems };
  if (path && problems.length === 0)
    writeCache(path, JSON.stringify({ version: version(), ...made }));
  return made;
}

function readSaved(path: string): Config | undefined {
  try {
    const saved = JSON.parse(readFileSync(path, "utf8")) as Config & { version: string };
    return saved.version === version() && isCurrent(saved) ? saved : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the files are as they were read. */
export function isCurrent({ files }: Config): boolean {
  return Object.entries(files).every(([file, hash]) => hashOf(file) === hash);
}

function hashOf(file: string): string {
  try {
    return contentHash(readFileSync(file, "utf8"));
  } catch {
    return "";
  }
}
