import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { busyWarning } from "../../test/bench/machine";
import { fillPages, writeFigures } from "../../test/bench/markdown";
import { shortfalls, trainingMarkdown } from "../../test/bench/report";
import { benchTraining } from "../../test/bench/run";
import { peersStep } from "../../test/peers/environment";
import { setUp } from "../setup";
import { dataFolder } from "../setup/paths";

export function register(program: Command): void {
  const bench = program
    .command("bench")
    .description("measure speed and memory against PyTorch, in turn on this machine");
  bench
    .command("training", { isDefault: true })
    .description("training steps of MiniLM-L6: full fine-tuning, BitFit and LoRA")
    .option("--repetitions <n>", "processes a side and method", positive, 5)
    .action(async ({ repetitions }: { repetitions: number }) => {
      await setUp([peersStep()]);
      const busy = busyWarning();
      if (busy) process.stderr.write(`${busy}\n`);
      const report = await benchTraining(repetitions);
      const table = trainingMarkdown(report);
      console.log(`\n${table}\n`);
      for (const line of shortfalls(report.methods)) console.log(`below expectation: ${line}`);
      writeFigures(join(dataFolder, "bench", "training.json"), report);
      fillPages("bench:training", table);
    });
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("a whole number, 1 or more.");
  return value;
}
