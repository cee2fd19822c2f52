import { afterEach, expect, test, vi } from "vitest";
import {
  clock,
  type Progress,
  progressLine,
  progressSink,
  showProgressIn,
  track,
} from "../../src/training/progress";

afterEach(() => {
  showProgressIn(undefined);
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Tracks with a clock of its own; `wait` moves it on. */
function tracked(options: Parameters<typeof track>[0]) {
  vi.useFakeTimers({ toFake: ["performance"] });
  const heard: Progress[] = [];
  const tracker = track(options, (progress) => heard.push(progress));
  return { heard, tracker, wait: (ms: number) => vi.advanceTimersByTime(ms) };
}

test("the rate counts what was done since, and the time left follows from it", () => {
  const { heard, tracker, wait } = tracked({ label: "run", total: 100, unit: "steps", done: 40 });
  wait(2000);
  tracker.update(50, "loss 0.5");
  expect(heard.at(-1)).toMatchObject({ done: 50, total: 100, rate: 5, secondsLeft: 10 });
  wait(10_000);
  tracker.update(100);
  tracker.end("accuracy 0.8");
  expect(heard.at(-1)).toMatchObject({ done: 100, rate: 5, note: "accuracy 0.8", ended: true });
});

test("it tells at most five times a second, and always the end", () => {
  const { heard, tracker, wait } = tracked({ label: "run", total: 1000, unit: "steps" });
  for (let step = 1; step <= 1000; step++) {
    wait(1);
    tracker.update(step);
  }
  expect(heard.length).toBeLessThanOrEqual(5);
  tracker.end();
  expect(heard.at(-1)).toMatchObject({ done: 1000, ended: true });
});

test("a line says what, how far, how fast and how long", () => {
  const progress = {
    label: "mrpc bitfit seed 1",
    done: 120,
    total: 230,
    unit: "steps",
    rate: 8.123,
    secondsLeft: 13.5,
    note: "loss 0.520",
    ended: false,
  };
  expect(progressLine(progress)).toBe(
    "mrpc bitfit seed 1  120/230 steps  8.12 steps/s  0:14 left  loss 0.520",
  );
  expect(progressLine({ ...progress, rate: null, secondsLeft: null, note: "" })).toBe(
    "mrpc bitfit seed 1  120/230 steps",
  );
  expect([59.6, 61, 3723].map(clock)).toEqual(["1:00", "1:01", "1:02:03"]);
});

test("where output is no terminal there is one line a run, the last", () => {
  const written: string[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((text) => written.push(String(text)) > 0);
  const { isTTY } = process.stderr;
  process.stderr.isTTY = false;
  const tracker = track({ label: "run", total: 2, unit: "steps" });
  tracker.update(1);
  tracker.update(2);
  tracker.end("done");
  process.stderr.isTTY = isTTY;
  expect(written.length).toBe(1);
  expect(written[0]).toMatch(/^run {2}2\/2 steps .*done\n$/);
});

test("a notebook's display takes the terminal's place", () => {
  const sink = vi.fn();
  showProgressIn(sink);
  expect(progressSink()).toBe(sink);
  track({ label: "run", total: 1, unit: "runs" }).end();
  expect(sink).toHaveBeenCalledOnce();
});
