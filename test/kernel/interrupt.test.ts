import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { interrupt, interruptible, stopped } from "../../src/kernel/interrupt";
import { root } from "../../src/setup/paths";
import { converse } from "./conversation";

const turn = () => new Promise<void>((done) => setImmediate(done));

// A kernel takes seconds to start, and more on a busy machine.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

test("an interrupt aborts what runs, and not what starts later", async () => {
  const seen: string[] = [];
  const work = (name: string) =>
    interruptible(async (signal) => {
      for (let step = 0; step < 5 && !signal.aborted; step++) await turn();
      seen.push(`${name} ${signal.aborted ? "stopped" : "finished"}`);
    });
  const first = work("first");
  interrupt();
  const second = work("second");
  await stopped(1000);
  expect(seen).toEqual(["first stopped"]);
  await Promise.all([first, second]);
  expect(seen).toEqual(["first stopped", "second finished"]);
});

test("work that does not stop is waited for no longer than the limit", async () => {
  let end = () => {};
  const work = interruptible(() => new Promise<void>((done) => (end = done)));
  interrupt();
  await stopped(10);
  end();
  await work;
});

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
  expect(count).toMatchObject({ status: "ok", stdout: "0\n" });
  expect(again).toMatchObject({ status: "error", stdout: "running\nstopped\n" });
  expect(second).toMatchObject({ status: "ok", stdout: "true\n" });
  expect(spin!.status).toBe("error");
  expect(last).toMatchObject({ status: "ok", stdout: "2\n" });
});
