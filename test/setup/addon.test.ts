import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { addonArguments, nativeArguments, systemCompiler } from "../../src/setup/steps/addon";
import { temporaryFolder } from "./temporary";

it("the addon finds TensorFlow by a path from its own place", () => {
  const path = "../../../../../.tensorflow/tensorflow";
  expect(addonArguments("linux")).toContain(`-Wl,-rpath,$ORIGIN/${path}`);
  expect(addonArguments("darwin")).toContain(`-Wl,-rpath,@loader_path/${path}`);
});

it("links the libraries under the platform's names", () => {
  const names = (platform: NodeJS.Platform) =>
    addonArguments(platform)
      .map((argument) => /libtensorflow\S*$/.exec(argument)?.[0])
      .filter(Boolean);
  expect(names("linux")).toEqual(["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]);
  expect(names("darwin")).toEqual(["libtensorflow_cc.2.dylib", "libtensorflow_framework.2.dylib"]);
});

it("compiles the kernels for the very processor, in the compiler's words for its kind", () => {
  const machine = (arch: NodeJS.Architecture) =>
    nativeArguments("linux", arch).filter((argument) => /^-m/.test(argument));
  expect(machine("x64")).toEqual(["-march=native", "-mprefer-vector-width=512"]);
  expect(machine("arm64")).toEqual(["-mcpu=native"]);
});

it("takes the first C++ compiler on the path, or none", () => {
  const [empty, folder] = [temporaryFolder(), temporaryFolder()];
  const compiler = join(folder, "clang++");
  writeFileSync(compiler, "");
  chmodSync(compiler, 0o755);
  expect(systemCompiler(`${empty}:${folder}`)).toBe(compiler);
  expect(systemCompiler(empty)).toBeUndefined();
  expect(systemCompiler("")).toBeUndefined();
});
