import { createRequire } from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import type { Checkpoint } from "./checkpoints";
import type { Compiled, Compiler } from "./compile-file";
import { evaluate, evaluateJson } from "./evaluate";
import {
  createFileModule,
  createRun,
  exported,
  type FileModule,
  hasRead,
  look,
  namespaceOfFile,
  type Run,
  syncNamespace,
  toRun,
  whole,
} from "./file-module";
import { bindAll, createHelpers, isObject, namespaceOf } from "./interop";
import { type Exports, quicken, type Reads, syncLive } from "./live-exports";
import type { Resolver, Target } from "./resolve";
import type { SourceMaps } from "./source-maps";

type Namespace = Readonly<Record<string, unknown>>;

const native = createRequire(__filename);

export interface LoaderOptions {
  readonly compiler: Compiler;
  readonly resolver: Resolver;
  readonly maps: SourceMaps;
  readonly checkpoint: Checkpoint;
  /** Modules that are there already, by specifier of a package or real path of a file. */
  readonly given: (name: string) => unknown;
}

interface Ended {
  readonly module: FileModule;
  readonly before: Run;
  readonly state: FileModule["state"];
}

/** Runs files as CommonJS, and knows who read what of whom while loading. */
export class Loader {
  readonly modules = new Map<string, FileModule>();
  /** Files that must run again before anyone reads them. */
  readonly dirty = new Set<FileModule>();
  /** Runs a dirty file again; set by the reload that goes on. */
  rerun: (module: FileModule) => void = () => {};

  readonly #options: LoaderOptions;
  readonly #packages = new Map<string, Namespace>();
  readonly #loading: FileModule[] = [];
  /** Runs that ended while others go on. */
  readonly #ended: Ended[] = [];
  readonly #files = new WeakMap<object, FileModule>();
  readonly #reads: Reads<FileModule> = {
    active: false,
    read: (source, key) => this.#read(source, key),
  };
  readonly #helpers = createHelpers(
    (from, to) => this.#exportStar(from, to),
    (value) => this.#star(value),
  );

  constructor(options: LoaderOptions) {
    this.#options = options;
  }

  async import(specifier: string, folder: string): Promise<Namespace> {
    const given = this.#options.given(specifier);
    if (given !== undefined) return namespaceOf(given);
    const target = this.#options.resolver.resolve(specifier, folder);
    await this.preload([target]);
    const value = this.#value(target);
    const module = target.kind === "file" ? this.modules.get(target.path) : undefined;
    return module ? namespaceOfFile(module) : this.#star(value);
  }

  require(specifier: string, folder: string): unknown {
    const given = this.#options.given(specifier);
    return given ?? this.#value(this.#options.resolver.resolve(specifier, folder));
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
      if (target.kind !== "file" || this.#options.given(target.path) !== undefined) continue;
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
      this.#files.set(module.live, module);
    }
    return module;
  }

  resolveOrMiss(specifier: string, folder: string): Target | undefined {
    if (this.#options.given(specifier) !== undefined) return undefined;
    try {
      return this.#options.resolver.resolve(specifier, folder);
    } catch {
      return undefined;
    }
  }

  compile(module: FileModule): Compiled {
    return this.#options.compiler.compile(module.file, module.text);
  }

  /** Compiles a file that has not run, unless what is compiled is up to date. */
  prepare(module: FileModule): Compiled {
    if (look(module) !== "same" || !module.pending) module.pending = this.compile(module);
    return module.pending;
  }

  /** Runs a file. When it fails, everything is as before. */
  execute(module: FileModule, compiled: Compiled): void {
    const { run: before, state } = module;
    const mark = this.#ended.length;
    const name = this.#options.maps.add(module.file, compiled);
    const run = createRun(name, compiled);
    this.#begin(module, run, "running");
    this.#loading.push(module);
    this.#reads.active = true;
    try {
      if (module.file.endsWith(".json")) evaluateJson(run, before);
      else this.#evaluate(module, compiled);
      module.exports = run.exports;
      module.state = "ready";
      module.pending = undefined;
      module.failure = undefined;
      module.stale = false;
      this.#ended.push({ module, before, state });
    } catch (error) {
      this.#undo(module, this.#ended.splice(mark), error);
      this.#begin(module, before, state);
      throw error;
    } finally {
      this.#loading.pop();
      this.#reads.active = this.#loading.length > 0;
      if (this.#loading.length === 0) this.#ended.length = 0;
      this.sync(module);
    }
  }

  /**
   * Brings what importers hold up to what the file exports now, `export *` included.
   *
   * @returns whether exports came or went
   */
  sync(module: FileModule): boolean {
    const { exports, run, live } = module;
    bindAll(exports, run.stars, run.starred);
    quicken(exports);
    const json = run.compiled?.esm === false;
    const changed = syncLive(live, module, this.#reads, json);
    syncNamespace(module);
    return changed;
  }

  /** Value of an export, without noting that it is read. */
  peek(module: FileModule, key: string): unknown {
    const { active } = this.#reads;
    this.#reads.active = false;
    try {
      return key === whole ? exported(module) : module.exports[key];
    } finally {
      this.#reads.active = active;
    }
  }

  /** Takes back the runs of a cycle's files that hold values of a run that failed. */
  #undo(failed: FileModule, ended: readonly Ended[], error: unknown): void {
    const undone = new Set([failed]);
    for (const source of undone)
      for (const { module } of ended) if (hasRead(module, source)) undone.add(module);
    // The earliest state of a file last.
    for (const { module, before, state } of [...ended].reverse()) {
      if (!undone.has(module)) continue;
      module.pending = module.run.compiled;
      module.failure = { error };
      this.#begin(module, before, state);
      this.sync(module);
    }
  }

  #begin(module: FileModule, run: Run, state: FileModule["state"]): void {
    module.run = run;
    module.exports = run.exports;
    module.state = state;
  }

  #evaluate(module: FileModule, compiled: Compiled): void {
    const { resolver, checkpoint } = this.#options;
    const folder = dirname(module.file);
    evaluate(module.file, module.run, {
      helpers: compiled.esm ? this.#helpers : undefined,
      checkpoint,
      require: (specifier) => this.#requireFrom(module, specifier),
      resolve: (specifier) => resolver.resolve(specifier, folder).path,
      import: async (specifier) => this.import(specifier, folder),
    });
  }

  #requireFrom(module: FileModule, specifier: string): unknown {
    const given = this.#options.given(specifier);
    if (given !== undefined) return given;
    const { targets } = module.run;
    targets.set(specifier, undefined);
    const target = this.#options.resolver.resolve(specifier, dirname(module.file));
    targets.set(specifier, target);
    return this.#value(target);
  }

  #value(target: Target): unknown {
    const { kind, path } = target;
    if (kind !== "file") return this.#packages.get(path) ?? native(path);
    const given = this.#options.given(path);
    if (given !== undefined) return given;
    const module = this.module(path);
    if (module.state === "new") this.execute(module, this.prepare(module));
    else if (this.dirty.has(module)) this.rerun(module);
    // In a cycle: what is exported so far.
    if (module.state === "running") this.sync(module);
    const value = exported(module);
    this.#note(module, whole, value);
    return value;
  }

  #read(source: FileModule, key: string): unknown {
    if (this.dirty.has(source)) this.rerun(source);
    const value = source.exports[key];
    this.#note(source, key, value);
    return value;
  }

  #note(source: FileModule, key: string, value: unknown): void {
    const reader = this.#loading.at(-1);
    if (!reader || reader === source) return;
    const { reads } = reader.run;
    const keys = reads.get(source) ?? new Map<string, unknown>();
    reads.set(source, keys.set(key, value));
  }

  #exportStar(from: Exports, to: Exports): void {
    const { run } = this.#loading.at(-1) as FileModule;
    run.stars.push(from);
    bindAll(to, run.stars, run.starred);
  }

  /** `import * as` of a value that `require` gave. */
  #star(value: unknown): Exports {
    const module = isObject(value) ? this.#files.get(value) : undefined;
    return module ? namespaceOfFile(module) : namespaceOf(value);
  }
}
