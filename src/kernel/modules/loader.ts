import { dirname } from "node:path";
import type { Checkpoint } from "./checkpoints";
import type { Compiled } from "./compile-file";
import { evaluate, evaluateJson } from "./evaluate";
import {
  createRun,
  exported,
  type FileModule,
  hasRead,
  namespaceOfFile,
  type Run,
  syncNamespace,
  whole,
} from "./file-module";
import { bindAll, createHelpers, namespaceOf } from "./interop";
import { type Exports, quicken, type Reads, syncLive } from "./live-exports";
import type { Target } from "./resolve";
import type { SourceMaps } from "./source-maps";
import type { Sources } from "./sources";

interface Ended {
  readonly module: FileModule;
  readonly before: Run;
  readonly state: FileModule["state"];
}

/** Runs files as CommonJS, and knows who read what of whom while loading. */
export class Loader {
  /** Files that must run again before anyone reads them. */
  readonly dirty = new Set<FileModule>();
  /** Runs a dirty file again; set by the reload that goes on. */
  rerun: (module: FileModule) => void = () => {};

  readonly #maps: SourceMaps;
  readonly #checkpoint: Checkpoint;
  readonly #loading: FileModule[] = [];
  /** Runs that ended while others go on. */
  readonly #ended: Ended[] = [];
  readonly #reads: Reads<FileModule> = {
    active: false,
    read: (source, key) => this.#read(source, key),
  };
  readonly #helpers = createHelpers(
    (from, to) => this.#exportStar(from, to),
    (value) => this.#star(value),
  );

  constructor(
    readonly sources: Sources,
    maps: SourceMaps,
    checkpoint: Checkpoint,
  ) {
    this.#maps = maps;
    this.#checkpoint = checkpoint;
  }

  async import(specifier: string, folder: string): Promise<Exports> {
    const given = this.sources.given(specifier);
    if (given !== undefined) return namespaceOf(given);
    const target = this.sources.resolve(specifier, folder);
    await this.sources.preload([target]);
    const value = this.#value(target);
    const module = target.kind === "file" ? this.sources.modules.get(target.path) : undefined;
    return module ? namespaceOfFile(module) : this.#star(value);
  }

  require(specifier: string, folder: string): unknown {
    const given = this.sources.given(specifier);
    return given ?? this.#value(this.sources.resolve(specifier, folder));
  }

  /** Runs a file. When it fails, everything is as before. */
  execute(module: FileModule, compiled: Compiled): void {
    const { run: before, state } = module;
    const mark = this.#ended.length;
    const name = this.#maps.add(module.file, compiled);
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

  /** Forgets what was loading when its code was ended from outside: it is run again when it is wanted. */
  abandon(): void {
    for (const module of this.#loading.splice(0))
      if (module.state === "running") module.state = "new";
    for (const module of this.dirty) {
      module.stale = true;
      module.meant = "";
    }
    this.dirty.clear();
    this.#ended.length = 0;
    this.#reads.active = false;
    this.sources.abandon();
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
    const folder = dirname(module.file);
    evaluate(module.file, module.run, {
      helpers: compiled.esm ? this.#helpers : undefined,
      checkpoint: this.#checkpoint,
      require: (specifier) => this.#requireFrom(module, specifier),
      resolve: (specifier) => this.sources.resolve(specifier, folder).path,
      import: async (specifier) => this.import(specifier, folder),
    });
  }

  #requireFrom(module: FileModule, specifier: string): unknown {
    const given = this.sources.given(specifier);
    if (given !== undefined) return given;
    const { targets } = module.run;
    targets.set(specifier, undefined);
    const target = this.sources.resolve(specifier, dirname(module.file));
    targets.set(specifier, target);
    return this.#value(target);
  }

  #value(target: Target): unknown {
    const { kind, path } = target;
    if (kind !== "file") return this.sources.package(path);
    const given = this.sources.given(path);
    if (given !== undefined) return given;
    const module = this.sources.module(path);
    if (module.state === "new") this.execute(module, this.sources.prepare(module));
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
    const module = this.sources.shownBy(value);
    return module ? namespaceOfFile(module) : namespaceOf(value);
  }
}
