import { readFileSync, statSync } from "node:fs";
import type { Compiled } from "./compile-file";
import { bindAll, isNamespace, isObject } from "./interop";
import { createLive, type Exports } from "./live-exports";
import type { Target } from "./resolve";

/** Key under which the reading of a file's exports as a whole is noted. */
export const whole = "*";

/** What one run of a file made; taken back when it fails. */
export interface Run {
  readonly exports: Exports;
  /** Where CommonJS code may put other exports. */
  readonly module: { exports: unknown };
  compiled: Compiled | undefined;
  /** Name of the code in stacks. */
  readonly name: string;
  /** Whether importers hold the live object; else they hold `module.exports`. */
  live: boolean;
  /** What was read of other files while this one ran. */
  readonly reads: Map<FileModule, Map<string, unknown>>;
  /** What its specifiers mean; undefined for one that means nothing. */
  readonly targets: Map<string, Target | undefined>;
  /** Objects whose exports it gives on by `export *`. */
  readonly stars: Exports[];
  /** Its exports that came so, and whence. */
  readonly starred: Map<string, Exports>;
}

/** One file that the loader runs; the same object for as long as the kernel lives. */
export interface FileModule {
  /** Real path. */
  readonly file: string;
  /** What importers hold. */
  readonly live: Exports;
  /** What `import * as` gives for a file that is no ES module. */
  star: Exports | undefined;
  state: "new" | "running" | "ready";
  run: Run;
  /** `run.exports`, where accessors find it. */
  exports: Exports;
  /** Text compiled but not run, or not without failing. */
  pending: Compiled | undefined;
  /** Set when what it read while loading has changed since. */
  stale: boolean;
  /** Why the last attempt to compile or run it failed. */
  failure: { readonly error: unknown } | undefined;
  /** Time and size of the file when last looked at; empty while there is none. */
  seen: string;
  /** What its specifiers meant when last looked at. */
  meant: string;
  /** Text when last looked at. */
  text: string;
}

export function createFileModule(file: string): FileModule {
  const run = createRun(file, undefined);
  return {
    file,
    live: createLive(),
    star: undefined,
    state: "new",
    run,
    exports: run.exports,
    pending: undefined,
    stale: false,
    failure: undefined,
    seen: "",
    meant: "",
    text: "",
  };
}

export function createRun(
  name: string,
  compiled: Compiled | undefined,
  exports: Exports = {},
): Run {
  return {
    exports,
    module: { exports },
    compiled,
    name,
    live: compiled?.esm ?? true,
    reads: new Map(),
    targets: new Map(),
    stars: [],
    starred: new Map(),
  };
}

/** What `require` of the file gives. */
export function exported({ run, live }: FileModule): unknown {
  return run.live && run.module.exports === run.exports ? live : run.module.exports;
}

/** What `import * as` of the file gives. */
export function namespaceOfFile(module: FileModule): Exports {
  const value = exported(module);
  if (isNamespace(value)) return value;
  if (!module.star) {
    module.star = createLive();
    syncNamespace(module);
  }
  return module.star;
}

/** Brings what {@link namespaceOfFile} gave up to date. */
export function syncNamespace(module: FileModule): void {
  const { star } = module;
  if (!star) return;
  for (const key of Object.keys(star)) delete star[key];
  const value = exported(module);
  if (isObject(value)) bindAll(star, [value as Exports], new Map());
  const get = () => exported(module);
  Object.defineProperty(star, "default", { enumerable: true, configurable: true, get });
}

/** What must run so that the file is up to date. */
export function toRun({ pending, stale, run }: FileModule): Compiled | undefined {
  return pending ?? (stale ? run.compiled : undefined);
}

/** Whether `reader` took values of `source` while loading, rather than only the object that shows them. */
export function hasRead(reader: FileModule, source: FileModule): boolean {
  const keys = reader.run.reads.get(source);
  if (!keys) return false;
  return keys.size > 1 || !keys.has(whole) || keys.get(whole) !== source.live;
}

/** Longest time in which a file may be written twice with the same time of change, in milliseconds. */
const tick = 2000;
let looks = 0;

/**
 * Reads the file if it may have changed since the last look.
 *
 * @returns whether it has
 */
export function look(module: FileModule): "same" | "changed" | "gone" {
  const stat = statSync(module.file, { throwIfNoEntry: false });
  if (!stat?.isFile()) {
    module.seen = "";
    return "gone";
  }
  const { mtimeMs, ctimeMs, size, ino } = stat;
  // A file written just now may be written again within the same tick of its clock: look again next time.
  const fresh = Math.abs(Date.now() - Math.max(mtimeMs, ctimeMs)) < tick ? ++looks : 0;
  const seen = `${mtimeMs} ${ctimeMs} ${size} ${ino} ${fresh}`;
  if (seen === module.seen) return "same";
  const first = module.seen === "";
  const text = readFileSync(module.file, "utf8");
  module.seen = seen;
  if (text === module.text && !first) return "same";
  module.text = text;
  return "changed";
}
