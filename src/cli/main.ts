import { Command, CommanderError } from "commander";
import { setUp } from "../setup";

interface CommandModule {
  register(program: Command): void;
}

/**
 * The commands in the order of `--help`. Only the one that is called is loaded, after the set-up it
 * may need, so that none of them waits for another's imports.
 */
const commands: Record<string, () => CommandModule> = {
  notebook: () => require("./notebook"),
  doctor: () => require("./doctor"),
};

async function main(argv: readonly string[]): Promise<void> {
  const name = argv[0] ?? "";
  // The doctor must be able to look at a machine that is not ready.
  if (name !== "doctor") await setUp();
  const program = new Command("peftlab").description(
    "Fine-tune pre-trained encoders and compare parameter-efficient methods.",
  );
  const wanted = commands[name] ? [commands[name]] : Object.values(commands);
  for (const load of wanted) load().register(program);
  await program.parseAsync(argv, { from: "user" });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof CommanderError) process.exitCode = error.exitCode;
  else {
    const { message, stack, remedy, exitCode } = error as Error & {
      remedy?: string;
      exitCode?: number;
    };
    process.stderr.write(`peftlab: ${remedy ? message : stack}\n${remedy ? `  ${remedy}\n` : ""}`);
    process.exitCode = exitCode ?? 1;
  }
});
