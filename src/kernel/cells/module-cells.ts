import { join } from "node:path";
import ts from "typescript";
import { type Checkpoint, checkpointName, checkpoints } from "../modules/checkpoints";
import type { Language } from "./language";

/** What a cell's first comment says of it, as tslab reads it: a name under which other cells import it, and JSX. */
export function moduleHeader(code: string): { name: string; jsx: boolean } | undefined {
  const comment = /^\s*\/\*\*([\s\S]*?)\*\//.exec(code)?.[1];
  const name = comment && /@module\s+([\w\-./]+)/.exec(comment)?.[1];
  return name ? { name, jsx: /@jsx\b/.test(comment) } : undefined;
}

/** Cells that are modules: other cells import them as files of the working directory. */
export class ModuleCells {
  private readonly files = new Map<string, { code: string; exports?: object }>();

  constructor(
    private readonly language: Language,
    private readonly folder: string,
    private readonly checkpoint: Checkpoint,
    private readonly require: (specifier: string) => unknown,
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

  /** Exports of the module that a specifier names; undefined where it is not a cell. */
  load(specifier: string): object | undefined {
    if (!/^\.{1,2}\//.test(specifier)) return undefined;
    const path = join(this.folder, specifier);
    const file = [path, `${path}.ts`, `${path}.tsx`].find((name) => this.files.has(name));
    const held = file === undefined ? undefined : this.files.get(file)!;
    if (!file || !held) return undefined;
    if (held.exports) return held.exports;
    const module = { exports: {} };
    held.exports = module.exports;
    const { outputText } = ts.transpileModule(held.code, {
      fileName: file,
      compilerOptions: {
        module: ts.ModuleKind.CommonJS,
        target: ts.ScriptTarget.ES2022,
        esModuleInterop: true,
        jsx: ts.JsxEmit.React,
        inlineSourceMap: true,
      },
      transformers: { before: [checkpoints(ts)] },
    });
    const run = new Function("exports", "require", "module", checkpointName, outputText);
    const required = (name: string) => this.load(name) ?? this.require(name);
    run(module.exports, required, module, this.checkpoint);
    held.exports = module.exports;
    return held.exports;
  }
}
