import { execFileSync } from "node:child_process";
import {
  existsSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { python } from "../../src/setup/paths";
import { lockedRequirement } from "../../src/setup/pip";
import { findPython } from "../../src/setup/python";
import { environmentStep } from "../../src/setup/steps/environment";
import type { Wheel } from "../../src/setup/wheels";
import { makeWheel, onlyIndex, type PackageIndex, packageIndex, pin } from "./package-index";
import { temporaryFolder } from "./temporary";

/** The environment's own pip as a wheel again, so that no network is needed. */
const packPip = `
import importlib.metadata, os, pip, sys, zipfile
site = os.path.dirname(os.path.dirname(pip.__file__))
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as archive:
    for file in importlib.metadata.files("pip"):
        if not str(file).startswith("..") and not str(file).endswith(".pyc"):
            archive.write(os.path.join(site, file), str(file))
`;
const version = "26.3";

// Environments are made for real, three in all.
vi.setConfig({ testTimeout: 600_000 });

let pip: Wheel;
let index: PackageIndex;
let requirements: string;

beforeAll(async () => {
  const folder = join(process.env.TMPDIR ?? "/tmp", `peftlab-wheels-${process.pid}`);
  execFileSync("mkdir", ["-p", folder]);
  const pipFile = join(folder, `pip-${version}-py3-none-any.whl`);
  execFileSync(python, ["-I", "-c", packPip, pipFile]);
  pip = pin(pipFile, `pip==${version}`);
  const hello = makeWheel(folder, "hello", "1.0", {
    "hello.py": "def main():\n    print('hello')\n",
    "hello-1.0.dist-info/entry_points.txt": "[console_scripts]\nhello = hello:main\n",
  });
  requirements = join(folder, "requirements.txt");
  writeFileSync(requirements, lockedRequirement(hello.wheel));
  index = await packageIndex([pipFile, hello.path]);
});

afterAll(async () => {
  await index.close();
  execFileSync("rm", ["-r", join(requirements, "..")]);
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

function quietly(): void {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  for (const [name, value] of Object.entries(onlyIndex(index.url))) vi.stubEnv(name, value);
}

function hello(folder: string): string {
  return execFileSync(join(folder, "bin", "hello"), { encoding: "utf8" }).trim();
}

it("a Python that came without pip gets it as a wheel, and nothing else stays", async () => {
  quietly();
  const folder = join(temporaryFolder(), "with a space", ".venv");
  const find = () => ({ ...findPython(), ensurepip: false });
  const step = environmentStep(folder, requirements, { pip, find });
  expect(step.isDone()).toBe(false);
  await step.run();
  expect(step.isDone()).toBe(true);
  expect(hello(folder)).toBe("hello");
  const own = join(folder, "bin", "python");
  const pipVersion = execFileSync(own, ["-I", "-m", "pip", "--version"], { encoding: "utf8" });
  expect(pipVersion).toContain(`pip ${version}`);
  for (const left of ["tmp", "pip.txt", `pip-${version}-py3-none-any.whl`])
    expect(existsSync(join(folder, left))).toBe(false);
  expect(existsSync(`${folder}.partial`)).toBe(false);
});

it("a moved environment is mended without a network, and one whose Python is gone made anew", async () => {
  quietly();
  const parent = temporaryFolder();
  const [here, there] = [join(parent, "here"), join(parent, "there")];
  await environmentStep(here, requirements, { pip, find: findPython }).run();
  renameSync(here, there);
  const step = environmentStep(there, requirements, { pip, find: findPython });
  expect(() => hello(there)).toThrow();
  expect(step.isDone()).toBe(false);
  const before = index.requests.length;
  await step.run();
  expect(index.requests).toHaveLength(before);
  expect(step.isDone()).toBe(true);
  expect(hello(there)).toBe("hello");
  expect(readFileSync(join(there, "bin", "activate"), "utf8")).not.toContain(here);

  const others = join(parent, "requirements.txt");
  writeFileSync(others, `# another\n${readFileSync(requirements, "utf8")}`);
  expect(environmentStep(there, others, { pip, find: findPython }).isDone()).toBe(false);

  const link = join(there, "bin", "python3");
  unlinkSync(link);
  symlinkSync("/nowhere/python3", link);
  expect(step.isDone()).toBe(false);
  await step.run();
  expect(step.isDone()).toBe(true);
  expect(hello(there)).toBe("hello");
});
