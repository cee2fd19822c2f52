import { dirname, join } from "node:path";
import type { Exports } from "../modules/live-exports";
import type { CompiledText, Modules } from "../modules/modules";
import type { Language } from "./language";

/** What a cell's first comment says of it, as tslab reads it: a name under which other cells import it, and JSX. */
export function moduleHeader(code: string): { name: string; jsx: boolean } | undefined {
  const comment = /^\s*\/\*\*([\s\S]*?)\*\//.exec(code)?.[1];
  const name = comment && /@module\s+([\w\-./]+)/.exec(comment)?.[1];
  return name ? { name, jsx: /@jsx\b/.test(comment) } : undefined;
}

interface ModuleCell {
  readonly code: string;
  compiled?: CompiledText;
  exports?: unknown;
}

/** Cells that are modules: other cells import them as files of the working directory. */
export class ModuleCells {
  private readonly files = new Map<string, ModuleCell>();

  constructor(
    private readonly language: Language,
    private readonly modules: Modules,
    private readonly folder: string,
  ) {}

  /**
   * Keeps a cell as a module, or puts it in place of one.
   *
   * @returns its file, whose problems the caller shows
   */
  add(code: string, { name, jsx }: { name: string; jsx: boolean }): string {
    const file = join(this.folder, `${name}${jsx ? ".tsx" : ".ts"}`);
    for (const held of this.files.values()) delete held.exports;
    this.files.set(file, { code });
    this.language.put(file, code);
    return file;
  }

  /** Exports of what a specifier means in a folder, whether a cell or not. */
  async import(specifier: string, folder = this.folder): Promise<unknown> {
    const file = this.fileOf(specifier, folder);
    if (!file) return this.modules.import(specifier, folder);
    await this.preload(file, new Set());
    return this.load(file);
  }

  private fileOf(specifier: string, folder: string): string | undefined {
    if (!/^\.{1,2}\//.test(specifier)) return undefined;
    const path = join(folder, specifier);
    return [path, `${path}.ts`, `${path}.tsx`].find((name) => this.files.has(name));
  }

  private compiled(file: string): CompiledText {
    const held = this.files.get(file)!;
    held.compiled ??= this.modules.compile(file, held.code);
    return held.compiled;
  }

  /** Loads the packages that a cell, and those it imports, can only import. */
  private async preload(file: string, seen: Set<string>): Promise<void> {
    if (seen.has(file)) return;
    seen.add(file);
    const folder = dirname(file);
    for (const specifier of this.compiled(file).imports) {
      const cell = this.fileOf(specifier, folder);
      if (cell) await this.preload(cell, seen);
      else await this.modules.preload(specifier, folder);
    }
  }

  private load(file: string): unknown {
    const held = this.files.get(file)!;
    if (held.exports) return held.exports;
    const exports: Exports = {};
    const folder = dirname(file);
    // For cells that import each other.
    held.exports = exports;
    try {
      held.exports = this.compiled(file).run(exports, {
        require: (specifier) => {
          const cell = this.fileOf(specifier, folder);
          return cell ? this.load(cell) : this.modules.requireFrom(folder)(specifier);
        },
        import: (specifier) => this.import(specifier, folder),
      });
    } catch (error) {
      delete held.exports;
      throw error;
    }
    return held.exports;
  }
}
