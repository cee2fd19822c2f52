import { createRequire } from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import type { Compiled, Compiler } from "./compile-file";
import { createFileModule, type FileModule, look, toRun } from "./file-module";
import { isObject } from "./interop";
import type { Resolver, Target } from "./resolve";

type Namespace = Readonly<Record<string, unknown>>;

const native = createRequire(__filename);

export interface SourcesOptions {
  readonly compiler: Compiler;
  readonly resolver: Resolver;
  /** Modules that are there already, by specifier of a package or real path of a file. */
  readonly given: (name: string) => unknown;
}

/** The files and packages that code asked for: what specifiers mean, compiled but not run. */
export class Sources {
  readonly modules = new Map<string, FileModule>();
  readonly given: (name: string) => unknown;
  readonly #compiler: Compiler;
  readonly #resolver: Resolver;
  readonly #packages = new Map<string, Namespace>();
  readonly #shown = new WeakMap<object, FileModule>();

  constructor({ compiler, resolver, given }: SourcesOptions) {
    this.#compiler = compiler;
    this.#resolver = resolver;
    this.given = given;
  }

  /** @throws an error with code MODULE_NOT_FOUND */
  resolve(specifier: string, folder: string): Target {
    return this.#resolver.resolve(specifier, folder);
  }

  /** Loads the packages that only `import()` can load and that files will require when they run. */
  async preload(targets: readonly Target[]): Promise<void> {
    const queue = [...targets];
    const done = new Set<string>();
    for (let target = queue.shift(); target; target = queue.shift()) {
      if (done.has(target.path)) continue;
      done.add(target.path);
      if (target.kind === "import" && !this.#packages.has(target.path))
        this.#packages.set(target.path, await import(pathToFileURL(target.path).href));
      if (target.kind !== "file" || this.given(target.path) !== undefined) continue;
      const module = this.module(target.path);
      const compiled = module.state === "new" ? this.prepare(module) : toRun(module);
      const folder = dirname(module.file);
      for (const specifier of compiled?.imports ?? []) {
        const next = this.resolveOrMiss(specifier, folder);
        if (next) queue.push(next);
      }
    }
  }

  module(file: string): FileModule {
    let module = this.modules.get(file);
    if (!module) {
      module = createFileModule(file);
      this.modules.set(file, module);
      this.#shown.set(module.live, module);
    }
    return module;
  }

  /** Undefined also for what is given. */
  resolveOrMiss(specifier: string, folder: string): Target | undefined {
    if (this.given(specifier) !== undefined) return undefined;
    try {
      return this.#resolver.resolve(specifier, folder);
    } catch {
      return undefined;
    }
  }

  compile(module: FileModule): Compiled {
    return this.#compiler.compile(module.file, module.text);
  }

  /** Compiles a file that has not run, unless what is compiled is up to date. */
  prepare(module: FileModule): Compiled {
    if (look(module) !== "same" || !module.pending) module.pending = this.compile(module);
    return module.pending;
  }

  /** Forgets the parts of packages that were loading when their code was ended from outside. */
  abandon(): void {
    for (const [path, module] of Object.entries(native.cache))
      if (module?.loaded === false) delete native.cache[path];
  }

  /** What `require` of a package gives. */
  package(path: string): unknown {
    return this.#packages.get(path) ?? native(path);
  }

  /** The file whose exports an object shows. */
  shownBy(value: unknown): FileModule | undefined {
    return isObject(value) ? this.#shown.get(value) : undefined;
  }
}
