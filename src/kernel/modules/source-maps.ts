import { SourceMap } from "node:module";
import type { MapPosition } from "../errors/frames";
import type { Compiled } from "./compile-file";

/** Leads from places in code that ran to the text it was compiled from. */
export interface SourceMaps {
  /** Registers compiled code. @returns the name it must run under, since stacks of older runs live on */
  add(file: string, compiled: Compiled): string;
  /** Other text that gives the same code. */
  replace(name: string, compiled: Compiled): void;
  readonly map: MapPosition;
  /** Text of a file when it last ran, or of the run that a name of `add` belongs to. */
  source(name: string): string | undefined;
}

interface Entry {
  readonly file: string;
  compiled: Compiled;
  parsed: SourceMap | undefined;
}

export function createSourceMaps(): SourceMaps {
  const entries = new Map<string, Entry>();
  const runs = new Map<string, number>();
  const latest = new Map<string, Entry>();
  return {
    add(file, compiled) {
      const run = (runs.get(file) ?? 0) + 1;
      runs.set(file, run);
      const name = run === 1 ? file : `${file}?${run}`;
      const entry: Entry = { file, compiled, parsed: undefined };
      entries.set(name, entry);
      latest.set(file, entry);
      return name;
    },
    replace(name, compiled) {
      const entry = entries.get(name);
      if (entry) Object.assign(entry, { compiled, parsed: undefined });
    },
    map(name, line, column) {
      const entry = entries.get(name);
      if (!entry) return undefined;
      entry.parsed ??= parse(entry.compiled);
      const found = entry.parsed?.findEntry(line - 1, column - 1);
      if (!found || !("originalLine" in found)) return undefined;
      return { file: entry.file, line: found.originalLine + 1, column: found.originalColumn + 1 };
    },
    source: (name) => (latest.get(name) ?? entries.get(name))?.compiled.text,
  };
}

function parse(compiled: Compiled): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(compiled.map()));
  } catch {
    return undefined;
  }
}
