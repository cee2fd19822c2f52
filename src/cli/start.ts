import { join, relative } from "node:path";
import { Command } from "commander";
import { notebooksFolder } from "../setup/paths";
import { register as registerNotebook } from "./notebook";

/** The comparison of full fine-tuning, BitFit and adapters: the project's main job. */
const headline = join(notebooksFolder, "01-bitfit-adapters-full.ipynb");

export function register(program: Command): void {
  program
    .command("start")
    .description("run the headline notebook on its kernel, and say where the report is")
    .argument("[options...]", "passed on to `notebook`, such as -p seeds=3")
    .allowUnknownOption()
    .action(async (options: string[]) => {
      console.error(`Running ${relative(process.cwd(), headline)}. The report, when it is done:`);
      const notebook = new Command();
      registerNotebook(notebook);
      await notebook.parseAsync(["notebook", headline, ...options], { from: "user" });
    });
}
