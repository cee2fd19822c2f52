import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { root } from "../../src/setup/paths";

/** Runs a command as its npm script does after the set-up, on the sample corpus and with a store of its own. */
export async function command(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ status: number; out: string; err: string }> {
  const main = join(root, "src/cli/main.ts");
  const child = spawn(process.execPath, ["--import", "tsx", main, ...args], {
    env: { ...process.env, PEFTLAB_GLUE: "", HF_HUB_OFFLINE: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => {
    out += text;
  });
  child.stderr.on("data", (text) => {
    err += text;
  });
  const [status] = await once(child, "close");
  return { status, out, err };
}
