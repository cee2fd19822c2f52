import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { root } from "../../../src/setup/paths";
import { converse } from "../conversation";

// A kernel takes seconds to start, and more on a busy machine.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

test("in the kernel, interrupted work stops before the cell ends, and cells go on", () => {
  const loop = `let steps = 0;
const work = () => interruptible(async (signal) => {
  const first = steps;
  while (!signal.aborted) { steps++; if (steps === first + 3) console.log("running"); await new Promise((r) => setTimeout(r, 20)); }
  console.log("stopped");
});`;
  const [, first, count, again, second, spin, last] = converse(join(root, "notebooks"), [
    { execute: `import { interruptible } from "../src/kernel";\n${loop}` },
    // Interrupted in the cell's wait.
    { execute: "await work()", interruptAt: "running" },
    {
      execute:
        "const counted = steps; await new Promise((r) => setTimeout(r, 200)); steps - counted",
    },
    // The same work again, and again interrupted.
    { execute: "await work()", interruptAt: "running" },
    { execute: "steps > counted" },
    // Interrupted in a loop that never waits.
    { execute: 'console.log("spinning"); while (true) {}', interruptAt: "spinning" },
    { execute: "1 + 1" },
  ]);
  expect(first).toMatchObject({ status: "error", stdout: "running\nstopped\n" });
  expect(count).toMatchObject({ status: "ok", result: { "text/plain": "0" } });
  expect(again).toMatchObject({ status: "error", stdout: "running\nstopped\n" });
  expect(second).toMatchObject({ status: "ok", result: { "text/plain": "true" } });
  expect(spin!.error).toMatchObject({ ename: "KeyboardInterrupt" });
  expect(last).toMatchObject({ status: "ok", result: { "text/plain": "2" } });
});
