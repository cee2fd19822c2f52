import { dirname } from "node:path";
import type { MapPosition } from "../errors/frames";
import { type Checkpoint, createCheckpoint } from "./checkpoints";
import { createCompiler } from "./compile-file";
import { evaluate, requireFunction, type Surroundings } from "./evaluate";
import { createRun } from "./file-module";
import type { Exports } from "./live-exports";
import { Loader } from "./loader";
import type { Project } from "./project";
import { type Refreshed, refresh } from "./reload";
import { createResolver } from "./resolve";
import { createSourceMaps } from "./source-maps";
import { Sources } from "./sources";

/** The files of a project as they run in this process, live. */
export interface Modules {
  /**
   * Exports of what `specifier` means for a file in `folder`: an object that shows the file's exports as they are at any
   * time for files of the project, what `import()` gives for packages and builtins.
   */
  import(specifier: string, folder: string): Promise<Readonly<Record<string, unknown>>>;
  /** `require` of files in `folder`. A package that only `import()` can load must have been loaded before. */
  requireFrom(folder: string): NodeJS.Require;
  /** Loads what `require` will need of packages that only `import()` can load. */
  preload(specifier: string, folder: string): Promise<void>;
  /** Compiles a text as the file that it would be. @throws CompileError */
  compile(file: string, text: string): CompiledText;
  /**
   * Runs again what files that changed, came or went since the last call make necessary. To be called before a cell.
   *
   * @param recompile whether the options changed, so that all files are compiled again; false by default
   */
  refresh(recompile?: boolean): Promise<Refreshed>;
  /** To be called after code was ended from outside, whose `finally` blocks did not run. */
  abandon(): void;
  /** Original of a place in a file that was loaded; the names of files are those in stacks. */
  readonly map: MapPosition;
  /** Text of a loaded file as it last ran. */
  source(file: string): string | undefined;
}

/** A text that can be run as a file. */
export interface CompiledText {
  /** What it requires as it loads. */
  readonly imports: readonly string[];
  /** @returns its exports: those given unless it puts others in their place */
  run(exports: Exports, given: Pick<Surroundings, "require" | "import">): unknown;
}

export interface ModulesOptions {
  /** What compiled code asks whether it must end; by default it never must. */
  readonly checkpoint?: Checkpoint;
  /**
   * Modules that need not be loaded, by the specifier of a package or the real path of a file: what the kernel and the
   * project both use and must not have twice.
   */
  readonly given?: (name: string) => unknown;
}

/** Loads the files of `project`. */
export function createModules(project: Project, options: ModulesOptions = {}): Modules {
  const maps = createSourceMaps();
  const compiler = createCompiler(project);
  const resolver = createResolver(project);
  const checkpoint = options.checkpoint ?? createCheckpoint(() => {});
  const given = options.given ?? (() => undefined);
  const sources = new Sources({ compiler, resolver, given });
  const loader = new Loader(sources, maps, checkpoint);
  const resolveFrom = (folder: string) => (specifier: string) =>
    resolver.resolve(specifier, folder).path;
  return {
    import: (specifier, folder) => loader.import(specifier, folder),
    requireFrom: (folder) =>
      requireFunction({
        require: (specifier) => loader.require(specifier, folder),
        resolve: resolveFrom(folder),
      }),
    async preload(specifier, folder) {
      const target = sources.resolveOrMiss(specifier, folder);
      if (target) await sources.preload([target]);
    },
    compile(file, text) {
      const compiled = compiler.compile(file, text);
      const folder = dirname(file);
      return {
        imports: compiled.imports,
        run(exports, given) {
          const run = createRun(maps.add(file, compiled), compiled, exports);
          evaluate(file, run, {
            ...given,
            helpers: undefined,
            checkpoint,
            resolve: resolveFrom(folder),
          });
          return run.module.exports;
        },
      };
    },
    refresh: (recompile = false) => refresh(loader, maps, recompile),
    abandon: () => loader.abandon(),
    map: maps.map,
    source: maps.source,
  };
}
