import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { setUp } from "../../src/setup";
import { SetupError } from "../../src/setup/failure.cjs";
import type { Step } from "../../src/setup/step";
import { temporaryFolder } from "./temporary";

function step(file: string, run = async () => writeFileSync(file, "")): Step & { runs: number } {
  return {
    name: "Thing",
    describes: "a thing",
    download: 0,
    disk: 0,
    runs: 0,
    isDone: () => existsSync(file),
    run() {
      this.runs++;
      return run();
    },
  };
}

function quietly() {
  return vi.spyOn(process.stderr, "write").mockReturnValue(true);
}

it("runs what is not done, in order, once", async () => {
  const folder = temporaryFolder();
  const lock = join(folder, "lock");
  const order: string[] = [];
  const list = ["a", "b", "c"].map((name) =>
    step(join(folder, name), async () => {
      order.push(name);
      writeFileSync(join(folder, name), "");
    }),
  );
  writeFileSync(join(folder, "b"), "");
  const said = quietly();
  await setUp(list, lock);
  expect(order).toEqual(["a", "c"]);
  said.mockClear();
  await setUp(list, lock);
  expect(order).toEqual(["a", "c"]);
  expect(said).not.toHaveBeenCalled();
  said.mockRestore();
});

it("two at once do each step once", async () => {
  const folder = temporaryFolder();
  const slow = step(join(folder, "slow"), async () => {
    await new Promise((done) => setTimeout(done, 300));
    writeFileSync(join(folder, "slow"), "");
  });
  const said = quietly();
  await Promise.all([1, 2, 3].map(() => setUp([slow], join(folder, "lock"))));
  said.mockRestore();
  expect(slow.runs).toBe(1);
});

it("a failure names the step, the cause and the remedy, and the next start goes on", async () => {
  const folder = temporaryFolder();
  const lock = join(folder, "lock");
  let fail = true;
  const first = step(join(folder, "first"));
  const second = step(join(folder, "second"), async () => {
    if (fail) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    writeFileSync(join(folder, "second"), "");
  });
  const said = quietly();
  await expect(setUp([first, second], lock)).rejects.toThrow(/^Thing: the disk is full/);
  fail = false;
  await setUp([first, second], lock);
  said.mockRestore();
  expect(first.runs).toBe(1);
  expect(second.runs).toBe(2);
});

it("a step that leaves nothing is not believed", async () => {
  const folder = temporaryFolder();
  const said = quietly();
  const empty = step(join(folder, "empty"), async () => {});
  await expect(setUp([empty], join(folder, "lock"))).rejects.toThrow(SetupError);
  said.mockRestore();
});

it("a disk that is too small is told before anything is done", async () => {
  const folder = temporaryFolder();
  const huge = { ...step(join(folder, "huge")), download: 1e18 };
  const said = quietly();
  const failing = setUp([huge], join(folder, "lock"));
  await expect(failing).rejects.toThrow(/^Thing: the disk is too full\. \d+ MB are needed/);
  said.mockRestore();
  expect(huge.runs).toBe(0);
});
