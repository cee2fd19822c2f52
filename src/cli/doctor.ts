import type { Command } from "commander";

export function register(program: Command): void {
  program
    .command("doctor")
    .description("say what works on this machine, and how to mend what does not")
    .action(() => {
      process.stdout.write(`Node ${process.version}\n`);
    });
}
