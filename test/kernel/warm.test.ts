import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, describe, expect, test, vi } from "vitest";
import { complete } from "../../src/kernel/cells/completion";
import { Session } from "../../src/kernel/cells/session";
import { createCheckpoint } from "../../src/kernel/modules/checkpoints";
import { IdleWork, warmUp } from "../../src/kernel/warm";
import { root } from "../../src/setup/paths";

describe("work done while nobody waits", () => {
  function work(step: (number: number) => void = () => {}) {
    const done: number[] = [];
    function* steps() {
      for (let number = 1; number <= 5; number++) {
        done.push(number);
        step(number);
        yield;
      }
    }
    return { done, idle: new IdleWork(steps()) };
  }

  test("is done to its end, and the event loop turns between two steps", async () => {
    let turns = 0;
    const during: number[] = [];
    const { done, idle } = work(() => during.push(turns));
    const beside = setInterval(() => turns++, 0);
    idle.start();
    await vi.waitFor(() => expect(done).toEqual([1, 2, 3, 4, 5]));
    clearInterval(beside);
    expect(during[4]).toBeGreaterThan(during[0]!);
  });

  test("is left when a request comes, and goes on after it", async () => {
    const { done, idle } = work((number) => number === 2 && queueMicrotask(() => idle.stop()));
    idle.start();
    await vi.waitFor(() => expect(done).toEqual([1, 2]));
    await pause(20);
    expect(done).toEqual([1, 2]);
    idle.start();
    await vi.waitFor(() => expect(done).toEqual([1, 2, 3, 4, 5]));
  });

  test("is not begun where a request waits already", async () => {
    const { done, idle } = work();
    idle.start();
    idle.stop();
    await pause(20);
    expect(done).toEqual([]);
  });

  test("ends where a step fails", async () => {
    const { done, idle } = work((number) => {
      if (number === 2) throw new Error("as asked");
    });
    idle.start();
    await pause(20);
    expect(done).toEqual([1, 2]);
  });
});

describe("the compiler", () => {
  const folder = mkdtempSync(join(tmpdir(), "peftlab-warm-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const code = "const list: number[] = [1]; list.length";
  const open = () =>
    new Session(
      folder,
      createCheckpoint(() => {}),
      { tslab: () => undefined },
    );
  const milliseconds = (body: () => void): number => {
    const began = performance.now();
    body();
    return performance.now() - began;
  };

  test("does for a first cell what takes longest, and leaves nothing behind", () => {
    const session = open();
    const warming = milliseconds(() => [...session.warm()]);
    expect(milliseconds(() => session.compile(code))).toBeLessThan(warming / 2);
    expect(session.language.text(join(folder, "__cell_0__.ts"))).toBeUndefined();
  });

  test("does for a first completion what takes longest, in a project with a src of its own", () => {
    const first = (session: Session) => milliseconds(() => complete(session, "[1].ma", 6));
    const src = () =>
      new Session(
        join(root, "notebooks"),
        createCheckpoint(() => {}),
        { tslab: () => undefined },
      );
    const [cold, warm] = [src(), src()];
    for (const _ of warmUp(warm));
    expect(first(warm)).toBeLessThan(first(cold) / 2);
  });

  test("compiles a first cell after any of the steps", async () => {
    for (let most = 0; most < 6; most++) {
      const session = open();
      let steps = 0;
      for (const _ of warmUp(session)) if (++steps > most) break;
      expect(await session.run(session.compile(code))).toEqual({ value: 1 });
    }
  });
});
