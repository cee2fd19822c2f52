import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, test } from "vitest";
import { SetupError } from "../../src/setup/failure.cjs";
import { denoStep } from "./deno";
import { peersStep } from "./environment";

/** A step with an environment that remembers which lock files were installed. */
function stepOn(
  platform: NodeJS.Platform,
  fail: Partial<Record<string, Error>> = {},
  version: readonly [number, number, number] = [3, 11, 0],
  cuda = false,
) {
  const installed: string[] = [];
  const said: string[] = [];
  const step = peersStep({
    folder: "/nowhere",
    platform,
    cuda,
    say: (line) => void said.push(line),
    python: () => ({ executable: "python3", version, ensurepip: true }),
    environment: (_, file) => {
      const name = basename(file!);
      return {
        ...{ name: "", describes: "", download: 0, disk: 0 },
        isDone: () => installed.includes(name),
        async run() {
          if (fail[name]) throw fail[name];
          installed.push(name);
        },
      };
    },
  });
  return { step, installed, said };
}

const missing = new SetupError(
  "pip install: the registry does not have it\n  | ERROR: No matching distribution found for torch==2.13.0+cpu",
  "",
);

describe("PyTorch's environment", () => {
  test("on Linux is for the CPU where the index has it", async () => {
    const { step, installed } = stepOn("linux");
    expect(step.isDone()).toBe(false);
    await step.run();
    expect(installed).toEqual(["linux-cpu.txt"]);
    expect(step.isDone()).toBe(true);
  });

  test("for a card it is PyPI's at once, and the CPU's will not do", async () => {
    const { step, installed, said } = stepOn("linux", {}, [3, 11, 0], true);
    installed.push("linux-cpu.txt");
    expect(step.isDone()).toBe(false);
    await step.run();
    expect(installed).toEqual(["linux-cpu.txt", "pypi.txt"]);
    expect(step.isDone()).toBe(true);
    expect(said).toEqual([]);
  });

  test("else PyPI's, with its size and the way to the other said", async () => {
    const { step, installed, said } = stepOn("linux", { "linux-cpu.txt": missing });
    await step.run();
    expect(installed).toEqual(["pypi.txt"]);
    expect(said.join("\n")).toMatch(/3 GB.*\n.*\n.*PIP_EXTRA_INDEX_URL/);
    expect(step.isDone()).toBe(true);
  });

  test("stops at any other failure", async () => {
    const broken = new SetupError("pip install: the disk is full", "");
    const { step, installed } = stepOn("linux", { "linux-cpu.txt": broken });
    await expect(step.run()).rejects.toThrow("disk is full");
    expect(installed).toEqual([]);
  });

  test("needs a newer Python than the rest", async () => {
    const { step, installed } = stepOn("linux", {}, [3, 10, 12]);
    await expect(step.run()).rejects.toThrow("Python 3.11 or newer is needed here");
    expect(installed).toEqual([]);
  });

  test("elsewhere is PyPI's", async () => {
    const { step, installed } = stepOn("darwin", { "linux-cpu.txt": missing });
    await step.run();
    expect(installed).toEqual(["pypi.txt"]);
  });
});

describe("lock files", () => {
  const versions = (file: string) => {
    const text = readFileSync(join(__dirname, file), "utf8");
    const entries = text.split(/\n(?=[a-z])/i).filter((entry) => !entry.startsWith("#"));
    for (const entry of entries)
      expect(entry).toMatch(/^\S+==\S+[^\n]*(\n +--hash=sha256:\w{64}[^\n]*)+/);
    return new Map(
      entries.map(
        (entry) =>
          /^(\S+)==(\S+?)(?:\+cpu)?(?: ;[^\\]*)? \\/.exec(entry)!.slice(1, 3) as [string, string],
      ),
    );
  };

  test("pin every package by hash, with the same versions", () => {
    const cpu = versions("linux-cpu.txt");
    const pypi = versions("pypi.txt");
    expect(cpu.get("torch")).toBe("2.13.0");
    for (const [name, version] of cpu) expect([name, pypi.get(name)]).toEqual([name, version]);
    const more = [...pypi.keys()].filter((name) => !cpu.has(name));
    expect(more.every((name) => /^(nvidia-|cuda-|triton)/.test(name))).toBe(true);
  });
});

test("Deno is refused, with the machines it is pinned for, where it is not", async () => {
  await expect(denoStep("linux-mips").run()).rejects.toThrow("not pinned for linux-mips");
});
