import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

for (const computes of ["step", "ops"])
  test.runIf(process.platform !== "win32")(`signals are heard and do no harm, ${computes}`, () => {
    const { stderr, signal, status } = spawnSync(
      process.execPath,
      ["--require", "tsx/cjs", resolve("test/engine/signalled.ts"), computes],
      { encoding: "utf8" },
    );
    expect({ stderr, signal, status }).toEqual({ stderr: "", signal: null, status: 0 });
  });
