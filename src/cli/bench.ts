import { join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type BenchOptions, benchPart } from "../../test/bench/bench";
import { figuresOf, type Part, parts } from "../../test/bench/comparisons";
import { benchCurves } from "../../test/bench/curves";
import { kernelMarkdown, kernelShortfalls } from "../../test/bench/kernel/report";
import { benchKernels } from "../../test/bench/kernel/run";
import { busyWarning } from "../../test/bench/machine";
import { fillPages, writeFigures } from "../../test/bench/markdown";
import {
  benchPrecision,
  type PrecisionOptions,
  precisionMarkdown,
} from "../../test/bench/precision";
import { shortfalls } from "../../test/bench/shortfalls";
import { benchMarkdown } from "../../test/bench/table";
import { denoStep } from "../../test/peers/deno";
import { peersStep } from "../../test/peers/environment";
import { onnxruntimeStep } from "../../test/peers/onnxruntime";
import { setUp } from "../setup";
import { dataFolder } from "../setup/paths";
import type { Step } from "../setup/step";

const describes: Readonly<Record<Part, string>> = {
  training:
    "training steps of MiniLM-L6 and of BERT-base's shape, a new step's cost, matrix products",
  epochs: "steps of MRPC, CoLA and STS-B from texts on",
  evaluation: "dev files, against PyTorch and onnxruntime",
  tokenising: "train files, against Python's tokenizers",
};

export function register(program: Command): void {
  const bench = withAmounts(
    program
      .command("bench")
      .enablePositionalOptions()
      .description(
        "measure against others, in turn on this machine; without a name every part of training",
      ),
  ).action((options: Asked) => measure(parts, options));
  for (const part of parts) {
    const command = withAmounts(bench.command(part).description(describes[part]));
    if (part !== "tokenising") command.addOption(onDevice());
    command.action((options: Asked) => measure([part], options));
  }
  bench
    .command("curves")
    .description("what a step costs against tokens, rows, layers, width, rank and trained share")
    .option("--repetitions <n>", "processes a side and point", positive, 3)
    .option("--warmup <n>", "steps before the clock starts", positive, 2)
    .option("--steps <n>", "steps on the clock", positive, 5)
    .option("--only <names>", "axes, such as tokens,batch", list)
    .option("--compiled", "PyTorch through torch.compile as well, in twice the time")
    .action(async (options: Parameters<typeof benchCurves>[0]) => {
      await ready(peersStep());
      writeFigures(figures("curves"), await benchCurves(options));
    });
  bench
    .command("precision")
    .description("scores of full fine-tuning on the three tasks by what is multiplied in")
    .addOption(onDevice())
    .option("--seeds <n>", "runs a task and precision", positive, 5)
    .option("--epochs <n>", "of each run", positive, 2)
    .option("--only <names>", "tasks, such as mrpc,stsb", list)
    .action(async (options: PrecisionOptions) => {
      await setUp();
      const report = await benchPrecision(options, figures("precision"));
      publish("precision", report, precisionMarkdown(report), []);
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

function withAmounts(command: Command): Command {
  return command
    .option("--repetitions <n>", "processes a side and row", positive, 5)
    .option("--warmup <n>", "steps before the clock starts", positive, 3)
    .option(
      "--steps <n>",
      "steps on the clock; from texts on at most so many (1000: a whole epoch in all)",
      positive,
      8,
    )
    .option("--only <names>", "rows with one of these in their name, such as full,lora", list);
}

const onDevice = () =>
  new Option("--device <kind>", "the processor or an NVIDIA card, on both sides")
    .choices(["cpu", "gpu"])
    .default("cpu");

type Asked = Omit<BenchOptions, "busy" | "device"> & Partial<Pick<BenchOptions, "device">>;

async function measure(
  wanted: readonly Part[],
  { device = "cpu", ...options }: Asked,
): Promise<void> {
  const more = wanted.includes("evaluation") && device === "cpu" ? [onnxruntimeStep()] : [];
  const busy = await ready(peersStep({ cuda: device === "gpu" }), ...more);
  for (const part of wanted) {
    const report = await benchPart(part, { ...options, busy, device });
    publish(figuresOf(part, device), report, benchMarkdown(report), shortfalls(report));
  }
}

/** Gives the warning that stands before measuring, if one does. */
async function ready(...peers: readonly Step[]): Promise<string | null> {
  await setUp(peers);
  const busy = busyWarning();
  if (busy) process.stderr.write(`${busy}\n`);
  return busy ?? null;
}

function publish(
  name: string,
  report: unknown,
  table: string,
  belowExpectation: readonly string[],
): void {
  console.log(`\n${table}\n`);
  for (const line of belowExpectation) console.log(`below expectation: ${line}`);
  writeFigures(figures(name), report);
  fillPages(`bench:${name}`, table);
}

const figures = (name: string) => join(dataFolder, "bench", `${name}.json`);

const list = (text: string): string[] => text.split(",").filter(Boolean);

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("a whole number, 1 or more.");
  return value;
}
