import { join } from "node:path";
import type { Device } from "../../src/engine";
import type { runProgram } from "../../src/setup/program";
import { peersFolder, peersPython } from "../peers/environment";
import type { Side } from "./comparisons";
import type { Work } from "./work";

/** What `runProgram` takes. */
export type Program = Parameters<typeof runProgram>;

/** The two sides of a comparison, as programs to start with the same arguments. */
export const sides = {
  pytorch: (script: string): [string, ...string[]] => [peersPython, "-IB", `${script}.py`],
  peftlab: (script: string): [string, ...string[]] => [
    process.execPath,
    "--require",
    require.resolve("tsx/cjs"),
    `${script}.ts`,
  ],
} as const;

const script = (name: string) => join(__dirname, "sides", name);

function program(
  [command, ...args]: [string, ...string[]],
  more: readonly string[],
  what: string,
  env?: NodeJS.ProcessEnv,
): Program {
  return [command, [...args, ...more], { what, env: { ...process.env, ...env } }];
}

/** A Python program of the benchmark. */
export const python = (name: string, work: string, ...more: string[]): Program =>
  program(sides.pytorch(script(name)), ["--work", work, ...more], `${name}.py`);

/** One of ours. */
export const ours = (name: string, work: string, ...more: string[]): Program =>
  program(sides.peftlab(script(name)), ["--work", work, ...more], `${name}.ts`);

/** What makes TensorFlow, which takes a card where it sees one, compute on a device. PyTorch is told by the work. */
export const deviceEnvironment = (device: Device["kind"]): NodeJS.ProcessEnv =>
  device === "gpu" ? { PEFTLAB_DEVICE: "gpu" } : { CUDA_VISIBLE_DEVICES: "" };

/** The program of a side for a work in a file. */
export function programOf(side: Side, work: Work, file: string, onnx: string): Program {
  const [command, args, options] = programWithin(side, work.kind, file, onnx);
  const own = deviceEnvironment("device" in work ? work.device : "cpu");
  return [command, args, { ...options, env: { ...options.env, ...own } }];
}

function programWithin(side: Side, kind: Work["kind"], file: string, onnx: string): Program {
  const work = ["--work", file];
  switch (side) {
    case "eager":
      return python("pytorch", file);
    case "compiled":
      return program(
        sides.pytorch(script("pytorch")),
        [...work, "--compile"],
        "pytorch.py --compile",
        // Compiling takes half a minute, and a few seconds where this is kept.
        { TORCHINDUCTOR_CACHE_DIR: join(peersFolder, "inductor") },
      );
    case "onnxruntime":
      return ours("onnxruntime", file, "--model", onnx);
    case "tokenizers":
      return program(sides.pytorch(script("tokenise")), work, "tokenise.py", {
        RAYON_NUM_THREADS: "1",
        TOKENIZERS_PARALLELISM: "false",
      });
    case "float32":
    case "peftlab":
      return ours(kind === "tokenise" ? "tokenise" : "peftlab", file);
  }
}
