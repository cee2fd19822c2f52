import { join } from "node:path";
import ts from "typescript";
import { type Checkpoint, checkpointName, checkpoints } from "../modules/checkpoints";
import { createModules, type Modules } from "../modules/modules";
import { openProject, type Project } from "../modules/project";
import { CellCompiler, type CompiledCell } from "./cells";
import { Drafts } from "./drafts";
import { globalTypes } from "./globals";
import { Importable } from "./importable";
import { createLanguage, type Language } from "./language";
import { ModuleCells, moduleHeader } from "./module-cells";
import { CellPositions } from "./positions";
import { Scopes } from "./scopes";

/** The code side of the kernel: compiles cells, runs them, and knows their names. No sockets. */
export class Session {
  readonly language: Language;
  readonly modules: Modules;
  readonly importable: Importable;
  readonly drafts: Drafts;
  readonly positions = new CellPositions();
  private readonly project: Project;
  private readonly compiler: CellCompiler;
  private readonly scopes: Scopes;
  private readonly moduleCells: ModuleCells;
  private readonly settled = new WeakSet<CompiledCell>();
  private readonly names = new WeakMap<CompiledCell, string>();
  private cells = 0;

  /** @param folder the working directory, which relative imports start from */
  constructor(
    readonly folder: string,
    checkpoint: Checkpoint,
    given: { tslab(): unknown },
  ) {
    this.project = openProject(folder);
    this.language = createLanguage(this.project, folder, {
      [join(folder, "__kernel__.d.ts")]: globalTypes,
    });
    this.importable = new Importable(this.language, this.project, folder);
    this.modules = createModules(this.project, {
      checkpoint,
      given: (name) => (name === "tslab" ? given.tslab() : undefined),
    });
    this.moduleCells = new ModuleCells(this.language, this.modules, folder);
    this.compiler = new CellCompiler(this.language, this.importable, folder, [checkpoints(ts)]);
    this.drafts = new Drafts(this.language, folder, this.compiler.earlier, this.importable);
    this.scopes = new Scopes({
      load: (specifier) => this.moduleCells.import(String(specifier)),
      extra: {
        require: this.modules.requireFrom(folder),
        __dirname: folder,
        __filename: join(folder, "cell.ts"),
        [checkpointName]: checkpoint,
      },
    });
  }

  /**
   * Brings the project's options and files up to what is on the disk. To be called before a cell.
   *
   * @returns what could not be, a line each
   */
  async refresh(): Promise<string[]> {
    const { changed, problems } = this.project.refresh();
    const { failed, kept } = await this.modules.refresh(changed);
    return [
      ...problems,
      ...failed.map(({ file, error }) => `${file} was not reloaded: ${String(error)}`),
      ...kept.map((file) => `${file} changed; restart the kernel to load it.`),
    ];
  }

  /** Whether a cell is a module for other cells; it is then kept, and not run. @throws TypeScriptError */
  keepModule(code: string): boolean {
    const header = moduleHeader(code);
    if (!header) return false;
    const file = this.moduleCells.add(code, header);
    this.compiler.check(file, code);
    return true;
  }

  /**
   * @param count what the notebook shows beside the cell, as stack traces do; none has a count of its own there
   * @throws TypeScriptError
   */
  compile(code: string, count?: number): CompiledCell {
    const cell = this.compiler.compile(code, ++this.cells);
    const name = count === undefined ? `unnumbered:${this.cells}` : `cell:${count}`;
    this.names.set(cell, name);
    this.positions.add(name, cell);
    return cell;
  }

  /** The compiler's first work, a step at a time: {@link CellCompiler.warm}. */
  warm(): Iterable<undefined> {
    return this.compiler.warm();
  }

  /** Runs a compiled cell, and then does as {@link settle}. */
  async run(cell: CompiledCell, keep = true): Promise<{ value: unknown } | undefined> {
    let done = false;
    try {
      const result = await this.scopes.run(cell, this.names.get(cell)!);
      done = true;
      return result;
    } finally {
      this.settle(cell, keep, done);
    }
  }

  /**
   * A cell that was run is over, or no longer waited for: later cells see its names, also those it had given a value
   * before it failed. Only the first time counts.
   */
  settle(cell: CompiledCell, keep: boolean, done = false): void {
    if (this.settled.has(cell)) return;
    this.settled.add(cell);
    if (keep) this.compiler.keep(cell, done ? undefined : this.scopes.missing(cell));
    else this.language.drop(cell.file);
  }

  /** Lets go of the values of a cell. */
  forget(cell: CompiledCell): void {
    this.scopes.forget(cell);
  }
}
