import { readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { contentHash, writeCache } from "./cache";
import type { Project } from "./project";
import { CompileError, transpile } from "./transpile";
import { typescriptVersion } from "./typescript";

export { CompileError, importName } from "./transpile";

/** Goes up when the output for the same input changes, so that what older versions kept is not used. */
const format = "1";

/** One file as JavaScript. */
export interface Compiled {
  readonly text: string;
  /** Body of a CommonJS wrapper; for JSON the text itself. */
  readonly code: string;
  /** Whether it has `import` or `export`, so that its exports can be live. */
  readonly esm: boolean;
  /** What it requires as it loads. */
  readonly imports: readonly string[];
  /** Source map as JSON. */
  map(): string;
}

/** Compiles files of a project, and keeps the results on disk by content. */
export interface Compiler {
  /** @throws CompileError */
  compile(file: string, text: string): Compiled;
}

interface Head {
  readonly esm: boolean;
  readonly imports: readonly string[];
}

export function createCompiler(project: Project): Compiler {
  const keyOf = (file: string, text: string) => {
    const options = JSON.stringify(project.options);
    return contentHash(format, typescriptVersion(), options, extname(file), text);
  };
  return {
    compile(file, text) {
      if (extname(file) === ".json") return jsonFile(file, text);
      const path = project.cache && join(project.cache, keyOf(file, text));
      const kept = path && readKept(path, text);
      if (kept) return kept;
      const { map, ...made } = transpile(file, text, project.options);
      if (path) {
        const head: Head = { esm: made.esm, imports: made.imports };
        // The code last: where it is, the map is too.
        writeCache(`${path}.map`, map);
        writeCache(`${path}.js`, `${JSON.stringify(head)}\n${made.code}`);
      }
      return { text, ...made, map: () => map };
    },
  };
}

function readKept(path: string, text: string): Compiled | undefined {
  try {
    const kept = readFileSync(`${path}.js`, "utf8");
    const end = kept.indexOf("\n");
    const head = JSON.parse(kept.slice(0, end)) as Head;
    const code = kept.slice(end + 1);
    return { text, code, ...head, map: () => readFileSync(`${path}.map`, "utf8") };
  } catch {
    return undefined;
  }
}

function jsonFile(file: string, text: string): Compiled {
  const code = text.replace(/^\uFEFF/, "");
  try {
    JSON.parse(code);
  } catch (error) {
    throw new CompileError((error as Error).message, file, 1, 1, 0);
  }
  return { text, code, esm: false, imports: [], map: () => "" };
}
