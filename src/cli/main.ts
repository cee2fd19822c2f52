import { Command } from "commander";

const program = new Command("peftlab");
program.parseAsync();
