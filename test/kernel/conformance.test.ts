import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { jupyterDataFolder, python } from "../../src/setup/paths";
import { fixtures } from "./conversation";

// A kernel takes seconds to start, and more on a busy machine.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const checks = [
  "test_kernel_info",
  "test_execute_stdout",
  "test_execute_stderr",
  "test_execute_result",
  "test_display_data",
  "test_error",
  "test_completion",
  "test_is_complete",
  "test_inspect",
  "test_pager",
  "test_history",
  "test_clear_output",
  "test_recv_iopub_welcome_msg",
];

const found: Record<string, string> = {};
beforeAll(() => {
  const output = execFileSync(
    python,
    ["-B", join(fixtures, "conformance.py"), "peftlab", "typescript"],
    { env: { ...process.env, JUPYTER_DATA_DIR: jupyterDataFolder }, encoding: "utf8" },
  );
  Object.assign(found, JSON.parse(output));
});

test.each(checks)("Jupyter's own conformance suite: %s", (name) => {
  expect(found[name]).toBe("passed");
});

test("the suite has no other checks", () => {
  expect(Object.keys(found).sort()).toEqual([...checks].sort());
});
