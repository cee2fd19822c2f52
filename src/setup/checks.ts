import { existsSync, readFileSync, statfsSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import type { Device } from "../engine/tensorflow";
import type { Finding } from "./finding";
import { missing, ok, warn } from "./finding";
import {
  addonFile,
  environmentFolder,
  jupyterDataFolder,
  librariesFolder,
  minilmFolder,
  python,
  root,
} from "./paths";
import { processor } from "./processor";
import { runProgram } from "./program";
import { megabytes } from "./progress.cjs";
import { addonStep } from "./steps/addon";
import { environmentStep } from "./steps/environment";
import { kernelStep } from "./steps/kernel";
import { hasNvidiaDriver, unpackedMachine } from "./steps/tensorflow";
import { weightsStep } from "./steps/weights";
import { tensorflowWheels } from "./wheels";

const setUpAgain = "Run `npm start` (or any other command): set-up makes it.";

export function checkNode(): Finding {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return ok(
    "Node",
    `${process.version} on ${process.platform} ${process.arch}; peftlab ${version}`,
  );
}

export function checkProcessor(): Finding {
  const { name, cores, features } = processor();
  const found = `${name}, ${cores} cores, ${features.join(" ") || "no vector instructions known"}`;
  if (process.arch === "x64" && !features.includes("AVX"))
    return missing("Processor", found, "TensorFlow is built for AVX: use a newer processor.");
  if (process.arch === "x64" && !features.includes("AVX2"))
    return warn("Processor", found, "Training is several times slower without AVX2.");
  return ok("Processor", found);
}

export function checkRoom(): Finding {
  const { bavail, bsize } = statfsSync(root);
  const free = bavail * bsize;
  const found = `${megabytes(totalmem())} memory, ${megabytes(free)} free on disk`;
  if (totalmem() < 3e9)
    return warn("Memory, disk", found, "Training wants 2 GB for itself: use smaller batches.");
  if (free < 1e9) return warn("Memory, disk", found, "Free some space: runs and reports need it.");
  return ok("Memory, disk", found);
}

export async function checkEnvironment(): Promise<Finding> {
  const name = "Python";
  if (!existsSync(python)) return missing(name, "no environment in .venv", setUpAgain);
  const question =
    "import sys, jupyterlab, nbclient, nbconvert, papermill; print(sys.version.split()[0], 'JupyterLab', jupyterlab.__version__, 'nbclient', nbclient.__version__, 'nbconvert', nbconvert.__version__, 'papermill', papermill.__version__)";
  try {
    const found = await runProgram(python, ["-I", "-c", question], { what: "python" });
    if (environmentStep().isDone()) return ok(name, found);
    return warn(name, `${found}, not what is pinned`, setUpAgain);
  } catch (error) {
    const remedy = `Delete ${environmentFolder} and run \`npm start\`: set-up makes it anew.`;
    return missing(name, (error as Error).message, remedy);
  }
}

export function checkTensorflow(): Finding {
  const name = "TensorFlow";
  const machine = unpackedMachine();
  if (!machine) return missing(name, `not in ${librariesFolder}`, setUpAgain);
  const found = tensorflowWheels[machine].wheels[0]!.requirement;
  if (hasNvidiaDriver() && machine === "linux-x64")
    return warn(
      name,
      `${found}, which uses the processor only; there is an NVIDIA driver`,
      `To use the GPU, delete ${librariesFolder} and run \`npm start\` (downloads ${megabytes(tensorflowWheels["linux-x64-cuda"].download)}).`,
    );
  return ok(name, found);
}

/** Loads the addon and computes something with it; gives the device too. */
export async function checkAddon(): Promise<Finding[]> {
  if (!existsSync(addonFile)) return [missing("Addon", "not compiled", setUpAgain)];
  let device: Device;
  try {
    const probe = join(__dirname, "probe.ts");
    const answer = await runProgram(process.execPath, ["--require", "tsx/cjs", probe], {
      what: "loading TensorFlow",
      cwd: root,
    });
    device = JSON.parse(answer.split("\n").at(-1) ?? "");
  } catch (error) {
    const remedy = `Delete ${addonFile} and run \`npm start\`: set-up compiles it anew.`;
    return [missing("Addon", (error as Error).message, remedy)];
  }
  const works = `loads and computes; TensorFlow ${device.tensorflow}`;
  return [
    addonStep().isDone()
      ? ok("Addon", works)
      : warn("Addon", `${works}, compiled from other sources`, setUpAgain),
    deviceFinding(device),
  ];
}

/** The device by name, a graphics card with its memory. */
export function deviceFinding({ kind, name, memory, threads }: Device): Finding {
  const room = memory === undefined ? "" : ` with ${megabytes(memory * 2 ** 20)}`;
  const found = `${name}${room}, ${threads} threads`;
  if (kind === "cpu" && hasNvidiaDriver())
    return warn(
      "Device",
      `${found}, though there is an NVIDIA driver`,
      "TensorFlow could not use the GPU: see the line on TensorFlow, and `nvidia-smi`.",
    );
  return ok("Device", found);
}

/** Starts the kernel as JupyterLab would and waits for its first answer. */
export async function checkKernel(): Promise<Finding> {
  const name = "Kernel";
  if (!existsSync(python)) return missing(name, "no environment to find it in", setUpAgain);
  if (!kernelStep().isDone())
    return missing(name, "its kernelspec is missing or names another Node or folder", setUpAgain);
  const question = `
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="peftlab", startup_timeout=60)
client.stop_channels()
manager.shutdown_kernel(now=True)
`;
  try {
    await runProgram(python, ["-c", question], {
      what: "starting the kernel",
      env: { ...process.env, JUPYTER_DATA_DIR: jupyterDataFolder },
    });
    return ok(name, "TypeScript (peftlab) starts and answers");
  } catch (error) {
    const remedy = "Read the lines above; `npm test -- kernel` says more.";
    return missing(name, (error as Error).message, remedy);
  }
}

export function checkWeights(): Finding {
  const step = weightsStep();
  const there = existsSync(join(minilmFolder, "model.safetensors"));
  if (there && step.isDone()) return ok("Weights", step.describes);
  return missing("Weights", `not in ${minilmFolder}, or others`, setUpAgain);
}
