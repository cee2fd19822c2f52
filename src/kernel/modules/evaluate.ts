import { createRequire } from "node:module";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { compileFunction } from "node:vm";
import { type Checkpoint, checkpointName } from "./checkpoints";
import type { Run } from "./file-module";
import type { Helpers } from "./interop";
import { importName } from "./transpile";

/** What a file finds around it. */
export interface Surroundings {
  /** `this` of ES modules, where compiled code looks for its helpers; other files have their exports there. */
  readonly helpers: Helpers | undefined;
  readonly checkpoint: Checkpoint;
  readonly require: (specifier: string) => unknown;
  readonly resolve: (specifier: string) => string;
  readonly import: (specifier: string) => Promise<unknown>;
}

const parameters = [
  ...["exports", "require", "module", "__filename", "__dirname"],
  ...[checkpointName, importName],
];

/** Runs compiled code as CommonJS. */
export function evaluate(file: string, run: Run, around: Surroundings): void {
  const folder = dirname(file);
  const code = run.compiled?.code ?? "";
  const wrapper = compileFunction(code, parameters, { filename: run.name });
  const require = requireFunction(around);
  const own = { id: file, filename: file, path: folder, loaded: false, children: [], require };
  const module = Object.assign(run.module, own);
  wrapper.call(
    around.helpers ?? run.exports,
    run.exports,
    require,
    module,
    file,
    folder,
    around.checkpoint,
    async (specifier: unknown) => around.import(String(specifier)),
  );
  module.loaded = true;
}

/** `require` as code expects it, with the parts that Node's has. */
export function requireFunction({
  require,
  resolve,
}: Pick<Surroundings, "require" | "resolve">): NodeJS.Require {
  const { cache, extensions, main, resolve: native } = createRequire(__filename);
  return Object.assign((specifier: string) => require(specifier), {
    resolve: Object.assign(resolve, { paths: native.paths }),
    cache,
    extensions,
    main,
  });
}

/** Reads JSON: the keys of an object are its exports. */
export function evaluateJson(run: Run, before: Run): void {
  const value: unknown = JSON.parse(run.compiled?.code ?? "");
  run.live = typeof value === "object" && value !== null && !Array.isArray(value);
  run.module.exports = value;
  if (!run.live) return;
  Object.assign(run.exports, value);
  run.module.exports = run.exports;
  // What is equal stays the same object, so that who read it need not run again.
  for (const [key, part] of Object.entries(run.exports))
    if (isDeepStrictEqual(part, before.exports[key])) run.exports[key] = before.exports[key];
}
