import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import type { Project } from "../modules/project";

/** What cells need whatever the project says: they are modules of their own that are emitted one by one. */
const required: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  jsx: ts.JsxEmit.React,
  sourceMap: true,
  noEmit: false,
  noEmitOnError: false,
  declaration: false,
  composite: false,
  incremental: false,
  isolatedModules: false,
  verbatimModuleSyntax: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
  allowUnusedLabels: true,
  allowUnreachableCode: true,
  removeComments: false,
  outDir: undefined,
  rootDir: undefined,
  tsBuildInfoFile: undefined,
  allowImportingTsExtensions: undefined,
};

/** The one language service: cells and everything they import. */
export interface Language {
  readonly service: ts.LanguageService;
  /** Puts a file that exists in memory only, or a new text of it. */
  put(file: string, text: string): void;
  drop(file: string): void;
  /** Files in memory that are looked at by themselves; others only where one of these imports them. */
  roots(files: Iterable<string>): void;
  /** Files on the disk that are read although no file in memory imports them. */
  beside(files: readonly string[]): void;
  /** The text of a file as the service sees it. */
  text(file: string): string | undefined;
  /** Looks for changed files on the disk at the next question. */
  refresh(): void;
}

/**
 * @param folder the working directory, where cells lie
 * @param ambient declarations that every cell sees, by file
 */
export function createLanguage(
  project: Project,
  folder: string,
  ambient: Readonly<Record<string, string>> = {},
): Language {
  let settings: { from: ts.CompilerOptions; options: ts.CompilerOptions } | undefined;
  const memory = new Map<string, { text: string; version: number }>();
  const disk = new Map<string, { stamp: string; version: number; looked: number }>();
  for (const [file, text] of Object.entries(ambient)) memory.set(file, { text, version: 1 });
  let roots = new Set(Object.keys(ambient));
  let besides: readonly string[] = [];
  let generation = 0;

  const diskVersion = (file: string): string => {
    const known = disk.get(file);
    // What lies in node_modules stays as it was when it was first read.
    if (known && (known.looked === generation || file.includes("/node_modules/")))
      return String(known.version);
    const stamp = String(ts.sys.getModifiedTime?.(file)?.getTime());
    const version = (known?.version ?? 0) + (known?.stamp === stamp ? 0 : 1);
    disk.set(file, { stamp, version, looked: generation });
    return String(version);
  };

  const host: ts.LanguageServiceHost = {
    getCompilationSettings() {
      const from = project.options;
      if (settings?.from !== from) settings = { from, options: cellOptions(from, folder) };
      return settings.options;
    },
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    getScriptFileNames: () => [...roots, ...besides],
    getScriptVersion: (file) => {
      const held = memory.get(file);
      return held ? `memory ${held.version}` : diskVersion(file);
    },
    getScriptSnapshot: (file) => {
      const text = memory.get(file)?.text ?? ts.sys.readFile(file);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    fileExists: (file) => memory.has(file) || ts.sys.fileExists(file),
    readFile: (file) => memory.get(file)?.text ?? ts.sys.readFile(file),
    directoryExists: (path) =>
      ts.sys.directoryExists(path) ||
      [...memory.keys()].some((file) => file.startsWith(`${path}/`)),
    getDirectories: ts.sys.getDirectories,
    realpath: (file) => (memory.has(file) || !ts.sys.realpath ? file : ts.sys.realpath(file)),
    readDirectory: ts.sys.readDirectory,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
  };
  return {
    service: ts.createLanguageService(host, ts.createDocumentRegistry()),
    put(file, text) {
      const held = memory.get(file);
      if (held?.text !== text) memory.set(file, { text, version: (held?.version ?? 0) + 1 });
      roots.add(file);
    },
    drop(file) {
      memory.delete(file);
      roots.delete(file);
    },
    roots: (files) => {
      roots = new Set([...Object.keys(ambient), ...files]);
    },
    beside: (files) => {
      besides = files;
    },
    text: host.readFile!,
    refresh: () => void generation++,
  };
}

/** Options of the project, but for what cells need. */
function cellOptions(options: ts.CompilerOptions, folder: string): ts.CompilerOptions {
  return {
    skipLibCheck: true,
    types: ["node"],
    ...(hasNodeTypes(folder) ? {} : { typeRoots: [ownTypes()] }),
    ...options,
    ...required,
  };
}

/** Whether types of Node's own modules lie beside the project. */
const hasNodeTypes = (folder: string): boolean =>
  existsSync(join(folder, "node_modules/@types/node")) ||
  (dirname(folder) !== folder && hasNodeTypes(dirname(folder)));

/** The kernel's own types of Node, where the project has none. */
const ownTypes = () => dirname(dirname(require.resolve("@types/node/package.json")));
