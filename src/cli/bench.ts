import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { kernelMarkdown, kernelShortfalls } from "../../test/bench/kernel/report";
import { benchKernels } from "../../test/bench/kernel/run";
import { busyWarning } from "../../test/bench/machine";
import { fillPages, writeFigures } from "../../test/bench/markdown";
import { shortfalls, trainingMarkdown } from "../../test/bench/report";
import { benchTraining } from "../../test/bench/run";
import { denoStep } from "../../test/peers/deno";
import { peersStep } from "../../test/peers/environment";
import { setUp } from "../setup";
import { dataFolder } from "../setup/paths";
import type { Step } from "../setup/step";

export function register(program: Command): void {
  const bench = program
    .command("bench")
    .description("measure against others, in turn on this machine");
  bench
    .command("training", { isDefault: true })
    .description("training steps of MiniLM-L6: full fine-tuning, BitFit and LoRA")
    .option("--repetitions <n>", "processes a side and method", positive, 5)
    .action(async ({ repetitions }: { repetitions: number }) => {
      await ready(peersStep());
      const report = await benchTraining(repetitions);
      publish("training", report, trainingMarkdown(report), shortfalls(report.methods));
    });
  bench
    .command("kernel")
    .description("the kernel beside tslab's, Deno's and Python's: protocol, interrupts, start-up")
    .option("--repetitions <n>", "launches a kernel and cell", positive, 10)
    .action(async ({ repetitions }: { repetitions: number }) => {
      await ready(denoStep());
      const report = await benchKernels(repetitions);
      publish("kernel", report, kernelMarkdown(report), kernelShortfalls(report));
    });
}

async function ready(peers: Step): Promise<void> {
  await setUp([peers]);
  const busy = busyWarning();
  if (busy) process.stderr.write(`${busy}\n`);
}

function publish(
  name: string,
  report: unknown,
  table: string,
  belowExpectation: readonly string[],
): void {
  console.log(`\n${table}\n`);
  for (const line of belowExpectation) console.log(`below expectation: ${line}`);
  writeFigures(join(dataFolder, "bench", `${name}.json`), report);
  fillPages(`bench:${name}`, table);
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("a whole number, 1 or more.");
  return value;
}
