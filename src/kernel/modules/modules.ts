import type { MapPosition } from "../errors/frames";
import { type Checkpoint, createCheckpoint } from "./checkpoints";
import { createCompiler } from "./compile-file";
import { Loader } from "./loader";
import type { Project } from "./project";
import { type Refreshed, refresh } from "./reload";
import { createResolver } from "./resolve";
import { createSourceMaps } from "./source-maps";

/** The files of a project as they run in this process, live. */
export interface Modules {
  /**
   * Exports of what `specifier` means for a file in `folder`: an object that shows the file's exports as they are at any
   * time for files of the project, what `import()` gives for packages and builtins.
   */
  import(specifier: string, folder: string): Promise<Readonly<Record<string, unknown>>>;
  /** As Node's `require`. A package that only `import()` can load must have been imported before. */
  require(specifier: string, folder: string): unknown;
  /** Runs again what files that changed, came or went since the last call make necessary. To be called before a cell. */
  refresh(): Promise<Refreshed>;
  /** Original of a place in a file that was loaded; the names of files are those in stacks. */
  readonly map: MapPosition;
  /** Text of a loaded file as it last ran. */
  source(file: string): string | undefined;
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
  const loader = new Loader({
    compiler: createCompiler(project),
    resolver: createResolver(project),
    maps,
    checkpoint: options.checkpoint ?? createCheckpoint(() => {}),
    given: options.given ?? (() => undefined),
  });
  return {
    import: (specifier, folder) => loader.import(specifier, folder),
    require: (specifier, folder) => loader.require(specifier, folder),
    refresh: () => refresh(loader, maps),
    map: maps.map,
    source: maps.source,
  };
}
