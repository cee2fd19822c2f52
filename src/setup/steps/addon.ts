import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { basename, delimiter, dirname, join, relative } from "node:path";
import { hasStamp, remove, writeStamp } from "../folder";
import {
  addonFile,
  addonFolder,
  librariesFolder,
  nativeFile,
  quietFile,
  root,
  tensorflowFolder,
} from "../paths";
import { download, unpack } from "../pip";
import { processor } from "../processor";
import { runProgram } from "../program";
import { progressLine } from "../progress.cjs";
import type { Step } from "../step";
import { compilerWheels } from "../wheels";
import { unpackedMachine } from "./tensorflow";

const binding = join(addonFolder, "binding");
const addonTarget = dirname(addonFile);
const quietSource = join(root, "src", "engine", "quiet.cc");
const nativeFolder = join(root, "src", "engine", "native");

/**
 * The addon of @tensorflow/tfjs-node-gpu, compiled from the package's own sources against the
 * unpacked TensorFlow, and the engine's own beside it: its kernels and sessions, for the very processor
 * of this machine, and a small one. The path from the one to the other is relative, so the project folder
 * can be moved.
 */
export function addonStep(): Step {
  return {
    name: "TensorFlow addon",
    describes: systemCompiler()
      ? "compiled from @tensorflow/tfjs-node-gpu's sources"
      : "compiled from @tensorflow/tfjs-node-gpu's sources with zig, as there is no C++ compiler",
    download: systemCompiler() ? 0 : 94e6,
    disk: systemCompiler() ? 1e6 : 440e6,
    isDone: () =>
      [addonFile, quietFile, nativeFile].every(existsSync) && hasStamp(addonTarget, contents()),
    async run() {
      mkdirSync(addonTarget, { recursive: true });
      const made = contents();
      remove(join(addonTarget, ".peftlab.json"));
      if (!(await compileWithSystem())) await withZig((zig, env) => compile([zig, "c++"], env));
      writeStamp(addonTarget, made);
    },
  };
}

/** What the compiled addons depend on. */
function contents(): Record<string, string> {
  const hash = createHash("sha256");
  const sources = [binding, nativeFolder].flatMap((folder) =>
    readdirSync(folder)
      .sort()
      .map((name) => join(folder, name)),
  );
  for (const file of [...sources, quietSource]) hash.update(readFileSync(file));
  const { name, instructions } = processor();
  return {
    sources: hash.digest("hex"),
    tensorflow: unpackedMachine() ?? "",
    processor: `${name} ${instructions}`,
  };
}

/** The first C++ compiler on the path. */
export function systemCompiler(path = process.env.PATH ?? ""): string | undefined {
  const folders = path.split(delimiter).filter(Boolean);
  return ["c++", "g++", "clang++"]
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(existsSync);
}

/**
 * The compiler's arguments for the addon: sources, headers, libraries, and where the addon finds
 * these later, told from its own place.
 */
export function addonArguments(platform = process.platform): string[] {
  return [
    ...sharedArguments(platform),
    ...["tfjs_backend.cc", "tfjs_binding.cc"].map((name) => join(binding, name)),
    ...tensorflowArguments(platform),
  ];
}

/** As `addonArguments`, for the engine's own: every instruction of this processor, and vectors as wide as it has. */
export function nativeArguments(platform = process.platform, arch = process.arch): string[] {
  return [
    ...sharedArguments(platform),
    ...(arch === "x64" ? ["-march=native", "-mprefer-vector-width=512"] : ["-mcpu=native"]),
    // Sums in vectors only where the source says so; NaN and infinity stay what they are.
    ...["-O3", "-fopenmp-simd", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math"],
    ...readdirSync(nativeFolder)
      .filter((name) => name.endsWith(".cc"))
      .map((name) => join(nativeFolder, name)),
    ...tensorflowArguments(platform),
  ];
}

function tensorflowArguments(platform: NodeJS.Platform): string[] {
  const mac = platform === "darwin";
  const library = (name: string) =>
    join(tensorflowFolder, mac ? `lib${name}.2.dylib` : `lib${name}.so.2`);
  const origin = mac ? "@loader_path" : "$ORIGIN";
  return [
    ...["-I", join(tensorflowFolder, "include")],
    ...[library("tensorflow_cc"), library("tensorflow_framework")],
    `-Wl,-rpath,${origin}/${relative(addonTarget, tensorflowFolder)}`,
  ];
}

function sharedArguments(platform = process.platform): string[] {
  return [
    ...["-std=c++17", "-O2", "-fPIC", "-shared", "-w", "-DNAPI_VERSION=8"],
    // Node itself has the functions of node_api.h.
    ...(platform === "darwin" ? ["-undefined", "dynamic_lookup"] : []),
    ...["-I", join(root, "node_modules", "node-api-headers", "include")],
  ];
}

/** False where there is no compiler, or one too old or without its headers. */
async function compileWithSystem(): Promise<boolean> {
  const compiler = systemCompiler();
  if (!compiler) return false;
  try {
    await compile([compiler]);
    return true;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n  Trying again with zig.\n`);
    return false;
  }
}

/** Compiles the addons, and puts each in its place once it has been loaded there. */
async function compile(call: readonly [string, ...string[]], env = process.env): Promise<void> {
  const [compiler, ...before] = call;
  const line = progressLine(`compiling with ${basename(compiler)}`);
  const programs = [
    { target: quietFile, args: [...sharedArguments(), quietSource] },
    { target: addonFile, args: addonArguments() },
    { target: nativeFile, args: nativeArguments() },
  ];
  for (const { target, args } of programs) {
    const partial = `${target}.partial.node`;
    const options = { what: `compiling with ${compiler}`, env };
    await runProgram(compiler, [...before, ...args, "-o", partial], options);
    // In a process of its own: a library that does not fit would end this one.
    await runProgram(process.execPath, ["-e", "require(process.argv[1])", partial], {
      what: "loading the addon",
    });
    renameSync(partial, target);
  }
  line.end();
}

/** Runs a task with zig, a whole C++ compiler in one wheel, and removes it afterwards. */
async function withZig(task: (zig: string, env: NodeJS.ProcessEnv) => Promise<void>) {
  const machine = `${process.platform}-${process.arch}` as keyof typeof compilerWheels;
  const folder = join(librariesFolder, "compiler.partial");
  remove(folder);
  try {
    for (const wheel of await download([compilerWheels[machine]], folder))
      await unpack(wheel, folder, "(ziglang/.+)");
    const cache = join(folder, "cache");
    await task(join(folder, "ziglang", "zig"), {
      ...process.env,
      ZIG_GLOBAL_CACHE_DIR: cache,
      ZIG_LOCAL_CACHE_DIR: cache,
    });
  } finally {
    remove(folder);
  }
}
