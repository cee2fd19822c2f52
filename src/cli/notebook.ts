import { relative } from "node:path";
import type { Command } from "commander";
import { runNotebook } from "../kernel/headless/notebook";
import { parseParameter } from "../kernel/headless/parameters";

export { runNotebook };

export function register(program: Command): void {
  program
    .command("notebook")
    .description("run a notebook on its kernel, and write it executed and as HTML")
    .argument("<file>", "such as notebooks/01-bitfit-adapters-full.ipynb")
    .option(
      "-p, --parameter <name=value>",
      "set a parameter of the notebook, as in -p seeds=3 (again for more)",
      (text: string, others: [string, unknown][] = []) => [...others, parseParameter(text)],
    )
    .option("-o, --output <file>", "where the executed notebook goes (default: data/reports)")
    .action(async (file: string, options: { parameter?: [string, unknown][]; output?: string }) => {
      const { notebook, html } = await runNotebook(file, {
        parameters: Object.fromEntries(options.parameter ?? []),
        output: options.output,
      });
      for (const path of [notebook, html]) console.log(relative(process.cwd(), path));
    });
}
