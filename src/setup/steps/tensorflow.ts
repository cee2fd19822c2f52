import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readStamp, remove, replaceFolder } from "../folder";
import { librariesFolder } from "../paths";
import { download, unpack } from "../pip";
import type { Step } from "../step";
import { type Machine, tensorflowWheels, type WheelSet } from "../wheels";

/** The addons need the libraries and these of the headers. */
const tensorflowFiles =
  "(tensorflow/(?:libtensorflow_(?:cc|framework)\\.(?:so\\.2|2\\.dylib)|include/(?:tensorflow/c/.+|tensorflow/core/common_runtime/next_pluggable_device/c/.+|(?:tensorflow/core|tsl)/platform/(?:ctstring.*|platform)|xla/tsl/c/.+)\\.h))";
/** Where TensorFlow's library looks for them: `../nvidia` from its own folder. */
const cudaFiles = "(nvidia/[^/]+/(?:lib|bin|nvvm)/.+)";

/** Where an NVIDIA driver shows itself, in a container and under WSL too. */
export function hasNvidiaDriver(): boolean {
  return ["/proc/driver/nvidia/version", "/dev/nvidiactl", "/usr/lib/wsl/lib/nvidia-smi"].some(
    existsSync,
  );
}

export function thisMachine(): Machine {
  const machine = `${process.platform}-${process.arch}` as Machine;
  return machine === "linux-x64" && hasNvidiaDriver() ? "linux-x64-cuda" : machine;
}

function fingerprint({ wheels }: WheelSet): string {
  const pins = wheels.map((wheel) => `${wheel.requirement} ${wheel.sha256}`).join("\n");
  return createHash("sha256").update(pins).update(tensorflowFiles).digest("hex");
}

/** Which build of TensorFlow is unpacked in the folder, if it is the one that is pinned. */
export function unpackedMachine(folder = librariesFolder): Machine | undefined {
  const stamp = readStamp(folder);
  const set = stamp && (tensorflowWheels as Record<string, WheelSet>)[stamp.machine ?? ""];
  return set && stamp.wheels === fingerprint(set) ? (stamp.machine as Machine) : undefined;
}

/**
 * TensorFlow's libraries and C headers, out of its Python wheel, which is not installed.
 */
export function tensorflowStep(folder = librariesFolder, machine = thisMachine()): Step {
  const set: WheelSet = tensorflowWheels[machine];
  return {
    name: "TensorFlow",
    describes: set.wheels.map((wheel) => wheel.requirement).join(", "),
    download: set.download,
    disk: set.disk,
    // A driver that came later does not start a download by itself: the doctor tells of it.
    isDone: () => !!unpackedMachine(folder)?.startsWith(`${process.platform}-${process.arch}`),
    run: () =>
      replaceFolder(folder, async (partial) => {
        const downloads = join(partial, "downloads");
        for (const wheel of await download(set.wheels, downloads)) {
          const cuda = /[/\\]nvidia_[^/\\]*$/.test(wheel);
          await unpack(wheel, partial, cuda ? cudaFiles : tensorflowFiles);
          remove(wheel);
        }
        remove(downloads);
        return { machine, wheels: fingerprint(set) };
      }),
  };
}
