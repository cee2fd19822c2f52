import { dirname } from "node:path";
import { type FileModule, hasRead, look, type Run, toRun } from "./file-module";
import type { Loader } from "./loader";
import type { SourceMaps } from "./source-maps";

/** What changed files led to; real paths. */
export interface Refreshed {
  /** Run again, in the order in which they were. */
  readonly reloaded: readonly string[];
  /** Could not be compiled or run; what they exported before stands. Named until it is mended. */
  readonly failed: readonly { readonly file: string; readonly error: unknown }[];
  /** Say `export const reload = "keep"` and have changed: they need a restart. */
  readonly kept: readonly string[];
}

/** A file whose loading another changes while it changes that one's is run again this often at most. */
const turns = 2;

/**
 * Brings the files of `loader` up to date with the disk.
 *
 * @param recompile whether they are compiled again although they did not change
 */
export async function refresh(
  loader: Loader,
  maps: SourceMaps,
  recompile: boolean,
): Promise<Refreshed> {
  const modules = [...loader.sources.modules.values()];
  // Both always: they do more than tell.
  const written = modules
    .map((module) => lookAgain(loader, maps, module, recompile))
    .includes(true);
  const moved = resolveAgain(loader, modules);
  const due: FileModule[] = [];
  if (written || moved) {
    for (const module of modules) {
      if (!here(module) || keeps(module) || !toRun(module)) continue;
      try {
        await loader.sources.preload([{ kind: "file", path: module.file }]);
        due.push(module);
      } catch (error) {
        module.failure = { error };
      }
    }
  }
  const runs = runAgain(loader, due);
  const all = [...loader.sources.modules.values()].filter(here);
  return {
    reloaded: [...runs].flatMap(([{ file, run }, made]) => (run === made ? [file] : [])),
    failed: all.flatMap(({ file, failure }) => (failure ? [{ file, error: failure.error }] : [])),
    kept: all.filter((module) => keeps(module) && toRun(module)).map(({ file }) => file),
  };
}

/** Whether a file runs and is still there. */
function here({ state, seen }: FileModule): boolean {
  return state === "ready" && seen !== "";
}

function keeps({ exports }: FileModule): boolean {
  return Object.getOwnPropertyDescriptor(exports, "reload")?.value === "keep";
}

/** Compiles a file again if it changed or must be. @returns whether it changed, came or went */
function lookAgain(
  loader: Loader,
  maps: SourceMaps,
  module: FileModule,
  recompile: boolean,
): boolean {
  const before = module.seen;
  const found = look(module);
  if (found === "same" && !recompile) return false;
  if (module.state !== "ready" || found === "gone") {
    module.pending = undefined;
    if (found === "gone") module.failure = undefined;
    return found === "changed" || before !== "";
  }
  module.pending = undefined;
  module.failure = undefined;
  try {
    const compiled = loader.sources.compile(module);
    if (compiled.code === module.run.compiled?.code) {
      // Only types, comments or lines: the same code, from other places.
      maps.replace(module.run.name, compiled);
      module.run.compiled = compiled;
    } else module.pending = compiled;
  } catch (error) {
    module.failure = { error };
  }
  return true;
}

/** Finds the files whose specifiers mean others than when they ran. @returns whether a meaning changed */
function resolveAgain(loader: Loader, modules: readonly FileModule[]): boolean {
  const known = new Map<string, string>();
  const meaning = (specifier: string, folder: string): string => {
    const key = `${folder}\0${specifier}`;
    const found = known.get(key) ?? loader.sources.resolveOrMiss(specifier, folder)?.path ?? "";
    known.set(key, found);
    return found;
  };
  let moved = false;
  for (const module of modules) {
    if (module.seen === "") continue;
    const folder = dirname(module.file);
    let meant = "";
    for (const [specifier, target] of module.run.targets) {
      // Installed packages stay what they are.
      if (target && target.kind !== "file") continue;
      const now = meaning(specifier, folder);
      if (now !== (target?.path ?? "")) module.stale = true;
      meant += `${now}\n`;
    }
    for (const specifier of module.pending?.imports ?? [])
      meant += `${meaning(specifier, folder)}\n`;
    if (meant !== module.meant) moved = true;
    module.meant = meant;
  }
  return moved;
}

/** Runs files again, and those that took changed values of them while loading. @returns their new runs */
function runAgain(loader: Loader, due: readonly FileModule[]): Map<FileModule, Run> {
  const runs = new Map<FileModule, Run>();
  const tried = new Map<FileModule, number>();
  const { dirty } = loader;

  const mark = (module: FileModule): void => {
    if ((tried.get(module) ?? 0) >= turns) return;
    if (keeps(module)) module.stale = true;
    else dirty.add(module);
  };

  const markReaders = (source: FileModule): void => {
    for (const reader of loader.sources.modules.values()) {
      if (reader === source || !here(reader)) continue;
      const changed = ([key, value]: [string, unknown]) =>
        !Object.is(value, loader.peek(source, key));
      if (![...(reader.run.reads.get(source) ?? [])].some(changed)) continue;
      reader.stale = true;
      mark(reader);
    }
  };

  loader.rerun = (module) => {
    dirty.delete(module);
    tried.set(module, (tried.get(module) ?? 0) + 1);
    // Files that read each other run together, from this one on, as when they were loaded first.
    for (const mate of matesOf(module)) if (!tried.has(mate)) mark(mate);
    const compiled = module.pending ?? module.run.compiled;
    if (!compiled) return;
    try {
      loader.execute(module, compiled);
    } catch (error) {
      module.failure = { error };
      return;
    }
    runs.delete(module);
    runs.set(module, module.run);
    syncBarrels(loader, module);
    markReaders(module);
  };

  try {
    for (const module of due) dirty.add(module);
    while (dirty.size > 0) loader.rerun(first(dirty));
  } finally {
    dirty.clear();
    loader.rerun = () => {};
  }
  return runs;
}

function syncBarrels(loader: Loader, module: FileModule): void {
  for (const barrel of loader.sources.modules.values())
    if (barrel.run.stars.includes(module.live) && loader.sync(barrel)) syncBarrels(loader, barrel);
}

/** The dirty file that imports no other dirty one, however indirectly. */
function first(dirty: ReadonlySet<FileModule>): FileModule {
  const passed = new Set<FileModule>();
  const find = (module: FileModule): FileModule | undefined => {
    if (passed.has(module)) return undefined;
    passed.add(module);
    for (const read of module.run.reads.keys()) {
      const found = find(read);
      if (found) return found;
    }
    return dirty.has(module) ? module : undefined;
  };
  for (const module of dirty) {
    const found = find(module);
    if (found) return found;
  }
  throw new Error("no file is dirty");
}

/** The files that read values of `module` while loading and whose values it read. */
function matesOf(module: FileModule): FileModule[] {
  const back = new Map<FileModule, FileModule[]>();
  const queue = [module];
  for (const from of queue) {
    for (const read of from.run.reads.keys()) {
      if (!hasRead(from, read)) continue;
      const readers = back.get(read);
      if (!readers) queue.push(read);
      back.set(read, [...(readers ?? []), from]);
    }
  }
  const mates = new Set([module]);
  for (const mate of mates) for (const reader of back.get(mate) ?? []) mates.add(reader);
  mates.delete(module);
  return [...mates];
}
