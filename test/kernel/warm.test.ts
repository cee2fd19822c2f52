import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { Session } from "../../src/kernel/cells/session";
import { createCheckpoint } from "../../src/kernel/modules/checkpoints";
import { warmUp } from "../../src/kernel/warm";

describe("work done while nobody waits", () => {
  async function done(isAwaited: (steps: number) => boolean): Promise<number> {
    let steps = 0;
    let left = false;
    function* work() {
      try {
        for (; steps < 5; steps++) yield;
      } finally {
        left = true;
      }
    }
    await warmUp(work(), () => isAwaited(steps));
    if (steps > 0) expect(left).toBe(true);
    return steps;
  }

  test("is done to its end", async () => {
    expect(await done(() => false)).toBe(5);
  });

  test("is left after the step in which a request came, and not begun where one waits", async () => {
    expect(await done((steps) => steps === 2)).toBe(2);
    expect(await done(() => true)).toBe(0);
  });

  test("lets the event loop turn between two steps", async () => {
    const order: string[] = [];
    const beside = (async () => {
      for (let at = 0; at < 4; at++) {
        await turn();
        order.push("turn");
      }
    })();
    function* work() {
      for (let at = 0; at < 3; at++) {
        order.push("step");
        yield;
      }
    }
    await Promise.all([warmUp(work(), () => false), beside]);
    expect(order.join(" ")).not.toContain("step step");
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

  test("compiles a first cell after any of the steps", async () => {
    for (let most = 0; most < 4; most++) {
      const session = open();
      let steps = 0;
      for (const _ of session.warm()) if (++steps > most) break;
      expect(await session.run(session.compile(code))).toEqual({ value: 1 });
    }
  });
});
