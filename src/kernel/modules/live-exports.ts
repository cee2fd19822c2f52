import { inspect } from "node:util";

export type Exports = Record<string, unknown>;

/** A file whose exports are read through a live object. */
export interface Source {
  /** What its last run exported. */
  exports: Exports;
}

/** Notices reads of exports while files load. */
export interface Reads<S extends Source> {
  /** Set while a file loads. */
  active: boolean;
  /** Value of an export, noted as read by the file that loads. */
  read(source: S, key: string): unknown;
}

type Getters<S extends Source> = (source: S, reads: Reads<S>) => Exports;

/**
 * Makes `live` show the exports of `source`, now and after each run. An accessor for each key is compiled by itself, so
 * that reading an export costs what reading a property does.
 *
 * @param writable whether the exports may be set through `live`
 * @returns whether keys came or went
 */
export function syncLive<S extends Source>(
  live: Exports,
  source: S,
  reads: Reads<S>,
  writable = false,
): boolean {
  const keys = Object.keys(source.exports);
  const added = keys.filter((key) => !Object.hasOwn(live, key));
  const gone = Object.keys(live).filter((key) => !Object.hasOwn(source.exports, key));
  for (const key of gone) delete live[key];
  if (added.length > 0) {
    const accessors = compileAccessors<S>(added, writable)(source, reads);
    Object.defineProperties(live, Object.getOwnPropertyDescriptors(accessors));
  }
  if (Object.hasOwn(source.exports, "__esModule") && !Object.hasOwn(live, "__esModule"))
    Object.defineProperty(live, "__esModule", { value: true, configurable: true });
  const changed = added.length + gone.length > 0;
  if (changed) quicken(live);
  return changed;
}

/** An object for {@link syncLive}. Shown as its values, not as its accessors. */
export function createLive(): Exports {
  const live: Exports = {};
  const shown = () => ({ ...live });
  Object.defineProperty(live, inspect.custom, { value: shown });
  return live;
}

/**
 * Makes V8 keep an object's accessors with the object's own shape, as it does for prototypes. Else two objects with
 * accessors of one name are kept as hash tables, and reading an export in a loop takes twenty times as long.
 */
export function quicken(object: object): void {
  Object.create(object);
}

function compileAccessors<S extends Source>(keys: readonly string[], writable: boolean) {
  const accessors = keys.map((key) => {
    const name = JSON.stringify(key);
    const get = `get ${name}() { return r.active ? r.read(s, ${name}) : s.exports[${name}]; }`;
    return writable ? `${get}, set ${name}(value) { s.exports[${name}] = value; }` : get;
  });
  return new Function("s", "r", `"use strict"; return { ${accessors.join(",\n")} };`) as Getters<S>;
}
