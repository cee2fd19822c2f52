import { expect, test } from "vitest";
import type { Step } from "../../src/engine/types";
import {
  type CurvePoint,
  DivergenceError,
  type Loop,
  type LoopState,
  runLoop,
} from "../../src/training/loop";

/** A step whose loss is 1 / (1 + steps taken), or what `losses` says; it notes what it was asked. */
function fakeLoop(changes: Partial<Loop> = {}, losses?: readonly number[]) {
  const asked: { at: number; learningRate: number; seed: number }[] = [];
  const step = {
    trainMany: (updates) =>
      updates.map(({ feed, ...options }) => {
        asked.push({ at: feed.at![0]!, ...options });
        return losses?.[asked.length - 1] ?? 1 / asked.length;
      }),
  } as Step;
  const states: LoopState[] = [];
  const seen: CurvePoint[] = [];
  const loop: Loop = {
    step,
    steps: 10,
    stepsPerEpoch: 4,
    batchAt: (at) => ({ at: Int32Array.of(at) }),
    learningRate: 0.5,
    warmup: 0.2,
    seed: 7,
    evaluations: 2,
    stepsAtOnce: 1,
    evaluate: async () => ({ accuracy: 0.5 }),
    onCall: () => {},
    onStep: (state, _loss, point) => {
      states.push(state);
      if (point) seen.push(point);
    },
    ...changes,
  };
  return { loop, asked, states, seen };
}

test("takes every step in order, with the schedule's rate and the run's seed", async () => {
  const { loop, asked } = fakeLoop();
  const end = await runLoop(loop);
  expect(end.status).toBe("finished");
  expect(asked.map(({ at }) => at)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(asked.map(({ learningRate }) => learningRate * 16)).toEqual([
    0, 4, 8, 7, 6, 5, 4, 3, 2, 1,
  ]);
  expect(new Set(asked.map(({ seed }) => seed))).toEqual(new Set([7]));
});

test("the curve averages losses between its points and is scored evenly, the end included", async () => {
  const { loop, seen } = fakeLoop({ steps: 80 });
  const { state } = await runLoop(loop);
  expect(state.curve).toEqual(seen);
  expect(seen.map(({ step }) => step)).toEqual(Array.from({ length: 40 }, (_, i) => 2 * i + 2));
  expect(seen[1]).toMatchObject({ step: 4, epoch: 1, loss: (1 / 3 + 1 / 4) / 2 });
  expect(seen.filter(({ validation }) => validation).map(({ step }) => step)).toEqual([40, 80]);
});

test("a stopped loop that goes on ends as one that was never stopped", async () => {
  const whole = fakeLoop();
  const { state } = await runLoop(whole.loop);
  const stop = new AbortController();
  const first = fakeLoop({ signal: stop.signal });
  const onStep: Loop["onStep"] = (at) => at.steps === 6 && stop.abort();
  const half = await runLoop({ ...first.loop, onStep });
  expect(half.status).toBe("stopped");
  expect(half.state.steps).toBe(6);
  const losses = [7, 8, 9, 10].map((n) => 1 / n);
  const rest = await runLoop(fakeLoop({}, losses).loop, JSON.parse(JSON.stringify(half.state)));
  const plain = (points: readonly CurvePoint[]) => points.map((p) => ({ ...p, seconds: 0 }));
  expect(plain(rest.state.curve)).toEqual(plain(state.curve));
});

test("several steps in a call end where the validation part is scored, and give the same curve", async () => {
  const single = fakeLoop({ steps: 80 });
  const { state } = await runLoop(single.loop);
  const ends: number[] = [];
  const onCall: Loop["onCall"] = ({ steps }) => ends.push(steps);
  const grouped = fakeLoop({ steps: 80, stepsAtOnce: 16, onCall });
  const end = await runLoop(grouped.loop);
  expect(ends).toEqual([16, 32, 40, 56, 72, 80]);
  expect(grouped.asked).toEqual(single.asked);
  expect(grouped.states.map(({ steps }) => steps)).toEqual(single.states.map(({ steps }) => steps));
  const plain = (points: readonly CurvePoint[]) => points.map((p) => ({ ...p, seconds: 0 }));
  expect(plain(end.state.curve)).toEqual(plain(state.curve));
});

test("a loss that is no number ends the run where it happened", async () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const { loop, states } = fakeLoop({}, [0.7, 0.6, bad]);
    expect(await runLoop(loop)).toMatchObject({ status: "diverged", state: { steps: 3 } });
    expect(states.length).toBe(2);
  }
});

test("so do predictions that are none; another error is passed on", async () => {
  const failing = (error: Error) =>
    fakeLoop({
      evaluate: async () => {
        throw error;
      },
    }).loop;
  expect((await runLoop(failing(new DivergenceError("NaN")))).status).toBe("diverged");
  await expect(runLoop(failing(new Error("other")))).rejects.toThrow("other");
});

test("other work gets its turn between steps", async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const slow = () => {
    const until = performance.now() + 3;
    while (performance.now() < until);
  };
  await runLoop(fakeLoop({ onStep: slow }).loop);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(3);
});
