import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jupyterDataFolder, python } from "../../../src/setup/paths";
import { converse, fixtures } from "../conversation";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "peftlab-crash-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function crash(code: string, env: NodeJS.ProcessEnv = {}): Promise<Record<string, string>> {
  const { stdout } = await promisify(execFile)(
    python,
    ["-B", join(fixtures, "crash.py"), folder, code],
    { env: { ...process.env, ...env, JUPYTER_DATA_DIR: jupyterDataFolder } },
  );
  return JSON.parse(stdout);
}

test("a kernel that is started after a fault in native code says in which cell it was", async () => {
  const answer = await crash(
    "// To be killed as a fault does it.\nrequire(`node:child_process`).execSync('kill -SEGV ' + process.pid)",
  );
  expect(answer.first).toMatch(
    /^The kernel died in cell \[2\], which begins: \/\/ To be killed as a fault does it\.\n.*fault in native code.*\none\n$/,
  );
  expect(answer.second).toBe("two\n");
  expect(answer["after a shutdown"]).toBe("three\n");
}, 120_000);

test("and after its memory was exhausted", async () => {
  // More in one step than there is room for: V8 does not stop there to be told.
  const answer = await crash("Array(2 ** 26).fill(0).length", {
    NODE_OPTIONS: "--max-old-space-size=150",
  });
  expect(answer.first).toMatch(
    /^The kernel died in cell \[2\], which begins: Array\(2 \*\* 26\).*\n.*memory.*\none\n$/,
  );
  expect(answer.second).toBe("two\n");
}, 120_000);

test("what would end the process is an error that names the menu", () => {
  const endings = [
    "process.exit()",
    "(process as any).reallyExit(0)",
    "process.abort()",
    "process.kill(process.pid)",
    "process.kill(process.pid, 'SIGKILL')",
    "setTimeout(() => process.exit(1)); await new Promise((done) => setTimeout(done, 100))",
  ];
  const replies = converse(
    folder,
    endings.map((execute) => ({ execute })),
  );
  for (const { error } of replies) expect(error?.evalue).toContain('"Shut Down Kernel"');
}, 120_000);
