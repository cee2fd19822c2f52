import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Command } from "commander";
import { root } from "../setup/paths";

/** A tool of the packages, run by this Node. */
function tool(name: string, script: string, args: readonly string[]): void {
  console.log(`\n${name}`);
  const path = join(root, "node_modules", script);
  const { status, signal } = spawnSync(process.execPath, [path, ...args], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(signal ? 130 : (status ?? 1));
}

/**
 * Everything that must hold: format and lint, types, then the tests.
 *
 * @param args passed on to vitest, such as a part of a file's name
 */
export function runChecks(args: readonly string[]): void {
  tool("Format and lint", "@biomejs/biome/bin/biome", ["check", "--error-on-warnings"]);
  tool("Types", "typescript/bin/tsc", ["--project", root]);
  tool("Tests", "vitest/vitest.mjs", ["run", ...args]);
}

export function register(program: Command): void {
  program
    .command("test")
    .description("format, lint, types and all the tests")
    .argument("[vitest...]", "passed on to vitest, such as a part of a file's name")
    .allowUnknownOption()
    .action((args: string[]) => runChecks(args));
}
