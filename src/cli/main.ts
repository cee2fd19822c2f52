import { AssertionError } from "node:assert";
import { Command } from "commander";
import { setUp } from "../setup";

interface CommandModule {
  register(program: Command): void;
}

/**
 * The commands in the order of `--help`. Only the one that is called is loaded, after the set-up it
 * may need, so that none of them waits for another's imports.
 */
const commands: Record<string, () => CommandModule> = {
  start: () => require("./start"),
  test: () => require("./test"),
  "test:long": () => require("./test-long"),
  lab: () => require("./lab"),
  notebook: () => require("./notebook"),
  kernel: () => require("./kernel"),
  train: () => require("./train"),
  predict: () => require("./predict"),
  bench: () => require("./bench"),
  parity: () => require("./parity"),
  doctor: () => require("./doctor"),
};

async function main(argv: readonly string[]): Promise<void> {
  const name = argv[0] ?? "";
  // The doctor must be able to look at a machine that is not ready.
  if (name !== "doctor") await setUp();
  const program = new Command("peftlab")
    .description("Fine-tune pre-trained encoders and compare parameter-efficient methods.")
    // What stands behind a part of a command is that part's.
    .enablePositionalOptions();
  const wanted = commands[name] ? [commands[name]] : Object.values(commands);
  for (const load of wanted) load().register(program);
  await program.parseAsync(argv, { from: "user" });
}

/** A user's error is its message; where in the source it came from matters only for a mistake of ours. */
function tell(error: Error & { remedy?: string }): void {
  const ours = [TypeError, ReferenceError, RangeError, SyntaxError, AssertionError];
  const text = ours.some((kind) => error instanceof kind) ? error.stack : error.message;
  process.stderr.write(`peftlab: ${text}\n${error.remedy ? `  ${error.remedy}\n` : ""}`);
}

main(process.argv.slice(2)).catch((error: Error & { exitCode?: number }) => {
  tell(error);
  process.exitCode = error.exitCode ?? 1;
});
