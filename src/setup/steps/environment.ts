import { createHash } from "node:crypto";
import {
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { hasStamp, readStamp, remove, replaceFolder, writeAtomically, writeStamp } from "../folder";
import { environmentFolder } from "../paths";
import { install, lockedRequirement } from "../pip";
import { runProgram } from "../program";
import { findPython, type Python } from "../python";
import type { Step } from "../step";
import { pipWheel, type Wheel } from "../wheels";

/**
 * The Python environment with JupyterLab, nbclient, nbconvert and papermill, from a file that pins every
 * package by hash.
 */
export function environmentStep(
  folder = environmentFolder,
  requirements = join(__dirname, "..", "requirements.txt"),
  { pip = pipWheel, find = findPython } = {},
): Step {
  const contents = () => ({
    requirements: createHash("sha256").update(readFileSync(requirements)).digest("hex"),
  });
  /** Its scripts start with its own path. */
  const place = () => ({ folder });
  const works = () => hasStamp(folder, contents()) && readStamp(folder)?.base === base(folder);
  return {
    name: "Python environment",
    describes: "JupyterLab, nbclient, nbconvert and papermill",
    download: 60e6,
    disk: 260e6,
    isDone: () => works() && hasStamp(folder, place()),
    async run() {
      const moved = readStamp(folder);
      if (moved?.folder && works()) {
        process.stderr.write("  It was moved: only its paths are mended.\n");
        relocate(folder, moved.folder, folder);
        writeStamp(folder, { ...moved, ...place() });
        return;
      }
      const python = find();
      await replaceFolder(folder, async (partial) => {
        await build(python, partial, requirements, pip);
        relocate(partial, partial, folder);
        return { ...contents(), ...place(), base: base(partial) ?? "" };
      });
    },
  };
}

/** The Python that the environment stands on; undefined when that one is gone. */
function base(folder: string): string | undefined {
  const python = join(folder, "bin", "python");
  return existsSync(python) ? realpathSync(python) : undefined;
}

async function build(
  python: Python,
  folder: string,
  requirements: string,
  wheel: Wheel,
): Promise<void> {
  const temporary = join(folder, "tmp");
  const own = join(folder, "bin", "python");
  await runProgram(
    python.executable,
    ["-I", "-m", "venv", ...(python.ensurepip ? [] : ["--without-pip"]), folder],
    { what: "python -m venv" },
  );
  // One pip everywhere: the one Python brought, if any, installs the pinned one.
  const pipFile = join(folder, "pip.txt");
  writeFileSync(pipFile, lockedRequirement(wheel));
  const fetched = python.ensurepip ? "" : await fetchPip(own, folder, wheel);
  const first = fetched ? [join(fetched, "pip")] : ["-m", "pip"];
  await install([own, "-I", ...first], pipFile, temporary);
  await install([own, "-I", "-m", "pip"], requirements, temporary);
  for (const path of [temporary, pipFile, fetched]) if (path) remove(path);
}

/** pip's own wheel, which can be run as it is, for a Python that came without pip. */
async function fetchPip(python: string, folder: string, wheel: Wheel): Promise<string> {
  const [, version = ""] = wheel.requirement.split("==");
  const script = join(__dirname, "..", "fetch_pip.py");
  const output = await runProgram(python, ["-I", script, version, wheel.sha256, folder], {
    what: "fetching pip",
  });
  return output.trim();
}

/** Replaces a folder's old path in its scripts and settings. */
function relocate(folder: string, from: string, to: string): void {
  const scripts = readdirSync(join(folder, "bin")).map((name) => join(folder, "bin", name));
  for (const file of [join(folder, "pyvenv.cfg"), ...scripts]) {
    const { size, mode } = statSync(file);
    // What is larger is the interpreter, which the links lead to.
    if (size > 100_000) continue;
    const text = readFileSync(file, "utf8");
    if (text.includes(from)) writeAtomically(file, text.replaceAll(from, to), mode);
  }
}
