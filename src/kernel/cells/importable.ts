import { join, relative } from "node:path";
import ts from "typescript";
import type { Project } from "../modules/project";
import type { Language } from "./language";

/** What the project's `src` exports, for cells that did not import it. */
export class Importable {
  constructor(
    private readonly language: Language,
    private readonly project: Project,
    private readonly folder: string,
  ) {}

  /**
   * Lets the compiler read what `src` exports, which takes a second or so at the first time. What it declares for all
   * files is from then on known to cells, as when one imports it.
   *
   * @returns specifiers for cells by file: of what `import "…/src"` means, or of every file below `src` where that
   * means none
   */
  open(): ReadonlyMap<string, string> {
    const { root, options } = this.project;
    const src = join(root, "src");
    const bundler = { ...options, moduleResolution: ts.ModuleResolutionKind.Bundler };
    const { resolvedModule } = ts.resolveModuleName("./src", join(root, "_.ts"), bundler, ts.sys);
    const files = resolvedModule
      ? new Map([[resolvedModule.resolvedFileName, this.specifier(src)]])
      : new Map(filesBelow(src).map((file) => [file, this.specifier(stem(file))]));
    this.language.beside([...files.keys()]);
    return files;
  }

  /** The statements that import those of the names that `src` exports and that mean nothing without. */
  lines(names: readonly string[]): ReadonlyMap<string, string> {
    if (names.length === 0) return new Map();
    const files = this.open();
    const program = this.language.service.getProgram()!;
    const checker = program.getTypeChecker();
    const lines = new Map<string, string>();
    for (const [file, specifier] of files) {
      const source = program.getSourceFile(file);
      const module = source && checker.getSymbolAtLocation(source);
      for (const name of module ? names : [])
        if (
          !lines.has(name) &&
          checker.tryGetMemberInModuleExports(name, module!) &&
          !checker.resolveName(name, undefined, ts.SymbolFlags.All, false)
        )
          lines.set(name, importLine(name, specifier));
    }
    return lines;
  }

  private specifier(path: string): string {
    const from = relative(this.folder, path) || ".";
    return from.startsWith(".") ? from : `./${from}`;
  }
}

export const importLine = (name: string, specifier: string): string =>
  `import { ${name} } from ${JSON.stringify(specifier)};`;

const filesBelow = (folder: string): string[] =>
  ts.sys.directoryExists(folder)
    ? ts.sys.readDirectory(
        folder,
        [".ts", ".tsx", ".mts"],
        ["**/node_modules", "**/*.test.*", "**/*.spec.*"],
      )
    : [];

/** A file as imports name it. */
const stem = (file: string): string =>
  file
    .replace(/(\.d)?\.tsx?$/, "")
    .replace(/\.mts$/, ".mjs")
    .replace(/\/index$/, "");
