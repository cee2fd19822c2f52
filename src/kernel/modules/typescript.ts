import { createRequire } from "node:module";
import type ts from "typescript";

const load = createRequire(__filename);

/** The compiler, loaded at its first use: that costs a fifth of a second. */
export function typescript(): typeof ts {
  return load("typescript") as typeof ts;
}

/** Version of the compiler, without loading it. */
export function typescriptVersion(): string {
  return (load("typescript/package.json") as { version: string }).version;
}
