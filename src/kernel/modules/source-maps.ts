import { SourceMap, type SourceMapPayload } from "node:module";
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
  original: Original;
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
      const entry: Entry = { file, compiled, original: originals(compiled.map) };
      entries.set(name, entry);
      latest.set(file, entry);
      return name;
    },
    replace(name, compiled) {
      const entry = entries.get(name);
      if (entry) Object.assign(entry, { compiled, original: originals(compiled.map) });
    },
    map(name, line, column) {
      const entry = entries.get(name);
      const found = entry?.original(line, column);
      return entry && found && { file: entry.file, ...found };
    },
    source: (name) => (latest.get(name) ?? entries.get(name))?.compiled.text,
  };
}

/** Where a place in JavaScript comes from; lines and columns from 1. */
type Original = (line: number, column: number) => { line: number; column: number } | undefined;

/** @param json gives the source map, at the first question */
export function originals(json: () => string): Original {
  let map: SourceMap | "none" | undefined;
  return (line, column) => {
    map ??= parse(json) ?? "none";
    if (map === "none") return undefined;
    const found = map.findEntry(line - 1, column - 1);
    if (!("originalLine" in found)) return undefined;
    return { line: found.originalLine + 1, column: found.originalColumn + 1 };
  };
}

function parse(json: () => string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(json()) as SourceMapPayload);
  } catch {
    return undefined;
  }
}
