import type { Command } from "commander";
import { runChecks } from "./test";

export function register(program: Command): void {
  program
    .command("test:long")
    .description("the same, with the seeded campaigns at their large size")
    .argument("[vitest...]", "passed on to vitest, such as a part of a file's name")
    .allowUnknownOption()
    .action((args: string[]) => {
      process.env.PEFTLAB_LONG = "1";
      runChecks(args);
    });
}
