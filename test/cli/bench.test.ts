import { Command } from "commander";
import { expect, test } from "vitest";
import { register } from "../../src/cli/bench";

/** Which part of the benchmark is called with what, none of it run. */
async function asked(line: string): Promise<[string, Record<string, unknown>][]> {
  const program = new Command().enablePositionalOptions();
  register(program);
  const calls: [string, Record<string, unknown>][] = [];
  const bench = program.commands[0]!;
  for (const part of [bench, ...bench.commands])
    part.action((options) => void calls.push([part.name(), options]));
  await program.parseAsync(line.split(" "), { from: "user" });
  return calls;
}

test.each([
  ["bench", "bench", { repetitions: 5, warmup: 3, steps: 8 }],
  ["bench --steps 3", "bench", { repetitions: 5, steps: 3 }],
  ["bench training --only full,lora", "training", { device: "cpu", only: ["full", "lora"] }],
  ["bench curves --repetitions 1", "curves", { repetitions: 1, steps: 5 }],
  ["bench epochs --device gpu", "epochs", { repetitions: 5, device: "gpu" }],
  ["bench precision --seeds 2", "precision", { device: "cpu", seeds: 2, epochs: 2 }],
  ["bench kernel", "kernel", { repetitions: 10 }],
  ["bench kernel --repetitions 2", "kernel", { repetitions: 2 }],
])("%s", async (line, part, options) => {
  expect(await asked(line)).toMatchObject([[part, options]]);
});
