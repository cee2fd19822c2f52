import { join } from "node:path";
import type { Command } from "commander";
import { fillPages, writeFigures } from "../../test/bench/markdown";
import { checkFixtures, compareOnMrpc } from "../../test/parity/run";
import { parityMarkdown } from "../../test/parity/table";
import { peersStep } from "../../test/peers/environment";
import { setUp } from "../setup";
import { dataFolder } from "../setup/paths";

export function register(program: Command): void {
  program
    .command("parity")
    .description(
      "hold the models to PyTorch's: token ids, hidden states, twenty training steps, then MRPC with five seeds a side (about an hour and a half on two cores, resumable)",
    )
    .option("--quick", "leave MRPC out")
    .action(async ({ quick }: { quick?: boolean }) => {
      await setUp([peersStep()]);
      console.log("Token ids, hidden states, logits and twenty training steps:");
      await checkFixtures();
      if (quick) return;
      const folder = join(dataFolder, "parity");
      const report = await compareOnMrpc(join(folder, "mrpc"));
      const table = parityMarkdown(report.rows);
      console.log(`\n${table}\n`);
      writeFigures(join(folder, "mrpc.json"), report);
      fillPages("parity:mrpc", table);
      const failures = report.rows.flatMap((row) => row.failures.map((f) => `${row.method}: ${f}`));
      for (const failure of failures) console.log(`out of bounds: ${failure}`);
      if (failures.length > 0) process.exitCode = 1;
    });
}
