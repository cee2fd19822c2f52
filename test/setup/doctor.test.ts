import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { deviceFinding } from "../../src/setup/checks";
import { root } from "../../src/setup/paths";

const bootstrap = join(root, "src/setup/bootstrap.cjs");
const run = promisify(execFile);

it("the doctor finds everything that is needed on a machine that is set up", async () => {
  const { stdout } = await run(process.execPath, [bootstrap, "doctor"]);
  const names = stdout.split("\n").flatMap((line) => /^(?:ok|warn)\s+(\S+)/.exec(line)?.[1] ?? []);
  for (const name of [
    "Node",
    "Processor",
    "Python",
    "TensorFlow",
    "Addon",
    "Device",
    "Kernel",
    "Weights",
    "Data",
  ])
    expect(names).toContain(name);
  expect(stdout).not.toMatch(/^missing/m);
  expect(stdout).toContain("All that is needed works.");
});

it("it fails, and says why and what to do, when something does not", async () => {
  const env = { ...process.env, PEFTLAB_GLUE: "/nowhere" };
  const failed = await run(process.execPath, [bootstrap, "doctor"], { env }).catch(
    (error) => error,
  );
  expect(failed.code).toBe(1);
  expect(failed.stdout).toMatch(/^missing\s+Data\s.*\/nowhere/m);
  expect(failed.stdout).toContain("1 of these do not work.");
});

it("--where names every place, with the store that PEFTLAB_RUNS names", async () => {
  const env = { ...process.env, PEFTLAB_RUNS: "/somewhere/runs" };
  const { stdout } = await run(process.execPath, [bootstrap, "doctor", "--where"], { env });
  for (const place of ["/somewhere/runs", ".venv", ".tensorflow", "node_modules", "data/weights"])
    expect(stdout).toContain(place);
});

it("names a graphics card with its memory", () => {
  const card = { kind: "gpu", name: "NVIDIA L4", threads: 8, tensorflow: "2.21.0" } as const;
  expect(deviceFinding({ ...card, memory: 23034 })).toEqual({
    name: "Device",
    state: "ok",
    found: "NVIDIA L4 with 24153 MB, 8 threads",
  });
  expect(deviceFinding(card).found).toBe("NVIDIA L4, 8 threads");
});
