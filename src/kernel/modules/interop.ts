import { isModuleNamespaceObject } from "node:util/types";
import type { Exports } from "./live-exports";

/** What `import * as name` gives for a value that `require` gave. */
export function namespaceOf(value: unknown): Exports {
  if (isNamespace(value)) return value;
  const known = isObject(value) ? namespaces.get(value) : undefined;
  if (known) return known;
  const made: Exports = {};
  if (isObject(value)) {
    for (const key of Object.keys(value)) if (key !== "default") bind(made, value as Exports, key);
    namespaces.set(value, made);
  }
  made.default = value;
  return made;
}

const namespaces = new WeakMap<object, Exports>();

/** Whether a value has its default export under `default`. */
export function isNamespace(value: unknown): value is Exports {
  return isModuleNamespaceObject(value) || (isObject(value) && "__esModule" in value);
}

export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** Makes `to[key]` show `from[key]`. An accessor is given on as it is, so that a chain of barrels costs nothing. */
export function bind(to: Exports, from: Exports, key: string): void {
  const own = Object.getOwnPropertyDescriptor(from, key);
  const get = own?.get ?? (() => from[key]);
  Object.defineProperty(to, key, { enumerable: true, configurable: true, get });
}

/** Makes `to` show all exports of `sources` but the defaults, the first of a name, none over an own one. */
export function bindAll(
  to: Exports,
  sources: readonly Exports[],
  bound: Map<string, Exports>,
): void {
  const wanted = new Map<string, Exports>();
  for (const from of sources)
    for (const key of Object.keys(from))
      if (key !== "default" && !wanted.has(key)) wanted.set(key, from);
  for (const [key, from] of wanted) {
    if (bound.get(key) === from || (Object.hasOwn(to, key) && !bound.has(key))) continue;
    bind(to, from, key);
    bound.set(key, from);
  }
  for (const key of bound.keys()) {
    if (wanted.has(key)) continue;
    delete to[key];
    bound.delete(key);
  }
}

/** The functions compiled code takes from `this` in place of TypeScript's, which know nothing of reloading. */
export interface Helpers {
  readonly __importDefault: (value: unknown) => unknown;
  readonly __importStar: (value: unknown) => unknown;
  readonly __exportStar: (from: Exports, to: Exports) => void;
}

export function createHelpers(
  exportStar: Helpers["__exportStar"],
  star: (value: unknown) => Exports,
): Helpers {
  return {
    __importDefault: (value) => (isNamespace(value) ? value : { default: value }),
    __importStar: star,
    __exportStar: exportStar,
  };
}
