import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { SetupError } from "../../src/setup/failure.cjs";
import { hasStamp, remove, replaceFolder } from "../../src/setup/folder";
import { root } from "../../src/setup/paths";
import { runProgram } from "../../src/setup/program";
import type { Step } from "../../src/setup/step";
import { peersFolder } from "./environment";

export const onnxruntimeFolder = join(peersFolder, "onnxruntime");
const locked = join(__dirname, "onnxruntime");
const files = ["package.json", "package-lock.json"] as const;

/** Where the package has a build for each machine. */
const builds = (folder: string) => join(folder, "node_modules/onnxruntime-node/bin/napi-v6");

/**
 * onnxruntime-node, which evaluation is compared with: what `onnxruntime/package-lock.json` pins, beside the other
 * peers. Its build for the processor lies in the package, so its own installer, which would fetch CUDA's, is not run.
 */
export function onnxruntimeStep(machine = `${process.platform}/${process.arch}`): Step {
  const read = (file: string) => readFileSync(join(locked, file));
  const contents = { lock: createHash("sha256").update(read(files[1])).digest("hex"), machine };
  const { version } = JSON.parse(read(files[1]).toString()).packages[
    "node_modules/onnxruntime-node"
  ];
  return {
    name: "onnxruntime",
    describes: `onnxruntime-node ${version}, to compare evaluation with`,
    download: 110e6,
    disk: 300e6,
    isDone: () => hasStamp(onnxruntimeFolder, contents),
    run: () =>
      replaceFolder(onnxruntimeFolder, async (partial) => {
        for (const file of files) copyFileSync(join(locked, file), join(partial, file));
        // The project's own settings: no scripts, no names of hosts.
        copyFileSync(join(root, ".npmrc"), join(partial, ".npmrc"));
        await runProgram(...npm(["ci", "--no-progress"]), { what: "npm ci", cwd: partial });
        if (!existsSync(join(builds(partial), machine)))
          throw new SetupError(
            `onnxruntime-node ${version} has no build for ${machine}.`,
            "Evaluation is compared on Linux and on Macs with Apple silicon; the other parts of the benchmark do not need it.",
          );
        removeOtherBuilds(builds(partial), machine);
        return contents;
      }),
  };
}

/** How to call npm: the one that started us, else the one on the path. */
function npm(args: readonly string[]): [program: string, args: readonly string[]] {
  const script = process.env.npm_execpath;
  return script && basename(script) === "npm-cli.js"
    ? [process.execPath, [script, ...args]]
    : ["npm", args];
}

function removeOtherBuilds(folder: string, machine: string): void {
  for (const platform of readdirSync(folder))
    for (const processor of readdirSync(join(folder, platform)))
      if (`${platform}/${processor}` !== machine) remove(join(folder, platform, processor));
}
