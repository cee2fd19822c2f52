import { join } from "node:path";
import { SetupError } from "../../src/setup/failure.cjs";
import { hasStamp, remove, replaceFolder } from "../../src/setup/folder";
import { download, unpack } from "../../src/setup/pip";
import type { Step } from "../../src/setup/step";
import type { Wheel } from "../../src/setup/wheels";
import { peersFolder } from "./environment";

const denoFolder = join(peersFolder, "deno");
export const denoProgram = join(denoFolder, "deno");
export const denoVersion = "2.9.8";

const wheels: Readonly<Record<string, Pick<Wheel, "sha256" | "platforms">>> = {
  "linux-x64": {
    sha256: "b1d1318e7deda8efd593aefa8b565a827fe71cf83aeff09d3a5ceb047444ca18",
    platforms: ["manylinux_2_27_x86_64"],
  },
  "linux-arm64": {
    sha256: "3e286918a36f436134336c5c6ef37dfe3a27f16ea22cd6af452ab7daa4ef1da4",
    platforms: ["manylinux_2_27_aarch64"],
  },
  "darwin-arm64": {
    sha256: "b82eac91d3e3f6fe37d94a12f833550e05029274cb9020b1e3f0f61e1678dc24",
    platforms: ["macosx_11_0_arm64"],
  },
};

/** Deno, whose kernel `npm run bench -- kernel` compares with: the program alone, out of its wheel. */
export function denoStep(machine = `${process.platform}-${process.arch}`): Step {
  const build = wheels[machine];
  const requirement = `deno==${denoVersion}`;
  const contents = { wheel: requirement, sha256: build?.sha256 ?? "" };
  return {
    name: "Deno",
    describes: `Deno ${denoVersion}, to compare kernels with`,
    download: 42e6,
    disk: 140e6,
    isDone: () => hasStamp(denoFolder, contents),
    async run() {
      if (!build)
        throw new SetupError(
          `Deno ${denoVersion} is not pinned for ${machine}.`,
          `The kernels are compared on ${Object.keys(wheels).join(", ")}.`,
        );
      await replaceFolder(denoFolder, async (partial) => {
        const downloads = join(partial, "downloads");
        for (const path of await download([{ requirement, ...build }], downloads))
          await unpack(path, partial, "deno-[\\d.]+\\.data/scripts/(deno)");
        remove(downloads);
        return contents;
      });
    },
  };
}
