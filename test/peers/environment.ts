import { join } from "node:path";
import { checkSpace } from "../../src/setup";
import { SetupError } from "../../src/setup/failure.cjs";
import { root } from "../../src/setup/paths";
import { findPython } from "../../src/setup/python";
import type { Step } from "../../src/setup/step";
import { environmentStep } from "../../src/setup/steps/environment";

export const peersFolder = join(root, ".peers");
/** The Python that PyTorch, transformers and peft are installed for. */
export const peersPython = join(peersFolder, "bin", "python");

/** transformers 5.23 needs it. */
const oldestMinor = 11;

/**
 * The environment of the other side of `npm run bench` and `npm run parity`: PyTorch, transformers, peft,
 * scikit-learn and onnx, every package pinned by hash. On Linux PyTorch's CPU build is taken where the package index offers it.
 *
 * @param cuda the build for NVIDIA's cards instead
 */
export function peersStep({
  folder = peersFolder,
  platform = process.platform,
  cuda = false,
  say = (line: string) => void process.stderr.write(`${line}\n`),
  environment = environmentStep,
  python = findPython,
} = {}): Step {
  const name = "PyTorch's environment";
  const describes = "PyTorch, transformers, peft, scikit-learn and onnx, to compare with";
  const lock = (file: string) => environment(folder, join(__dirname, file));
  const forCpu: Step = { ...lock("linux-cpu.txt"), name, describes, download: 320e6, disk: 1.3e9 };
  const fromPypi: Step =
    platform === "linux"
      ? { ...lock("pypi.txt"), name, describes, download: 3.2e9, disk: 7e9 }
      : { ...lock("pypi.txt"), name, describes, download: 220e6, disk: 0.9e9 };
  const checkPython = () => {
    const { version, executable } = python();
    if (version[1] < oldestMinor)
      throw new SetupError(
        `Python 3.${oldestMinor} or newer is needed here, and ${executable} is ${version.join(".")}.`,
        `Put a newer one first on the path, then start again. Everything else in the project works with Python ${version[0]}.${version[1]}.`,
      );
  };
  const takesCpu = platform === "linux" && !cuda;
  return {
    ...(takesCpu ? forCpu : fromPypi),
    isDone: () => (!cuda && forCpu.isDone()) || fromPypi.isDone(),
    async run() {
      checkPython();
      if (!takesCpu) return fromPypi.run();
      try {
        await forCpu.run();
      } catch (error) {
        if (!lacksBuild(error)) throw error;
        say("  The package index has PyTorch's CUDA build only: 3 GB to download, 7 GB on disk.");
        say("  To have the CPU build, stop and start again with");
        say("  PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu");
        checkSpace(fromPypi);
        await fromPypi.run();
      }
    },
  };
}

/** Whether pip found no such build, and nothing else went wrong. */
function lacksBuild(error: unknown): boolean {
  return (
    error instanceof SetupError &&
    /No matching distribution found for torch==\S*\+cpu/.test(error.message)
  );
}
