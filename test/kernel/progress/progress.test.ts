import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Picture } from "../../../src/kernel/progress/group";
import { progressIn } from "../../../src/kernel/progress/progress";
import type { ProgressReport } from "../../../src/kernel/progress/report";
import { clock, figures, logLine, textLines } from "../../../src/kernel/progress/text";
import { keepingPlace } from "./place";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());
const wait = (ms: number) => vi.advanceTimersByTime(ms);

/** Bars, and what was drawn of them last: labels with done, total and state. */
function place() {
  const { last, ...place } = keepingPlace();
  const line = ({ bar, depth }: Picture["rows"][number]) => {
    const { label, done, total, state } = bar.report();
    return `${"  ".repeat(depth)}${label} ${done}/${total} ${state}`;
  };
  return { ...place, last: () => ({ lines: last().rows.map(line), final: last().final }) };
}

/** What a listener hears of a bar. */
function heard() {
  const reports: ProgressReport[] = [];
  return { reports, report: (report: ProgressReport) => void reports.push(report) };
}

test("the rate counts what was done since, and the time left follows from it", () => {
  const { reports, report } = heard();
  const bar = progressIn(never)(100, { done: 40, report });
  wait(2000);
  bar.set(50);
  expect(reports.at(-1)).toMatchObject({ done: 50, total: 100, rate: 5, secondsLeft: 10 });
  wait(10_000);
  bar.show({ accuracy: 0.8 });
  bar.set(100);
  bar.end();
  expect(reports.at(-1)).toMatchObject({
    ...{ done: 100, rate: 5, secondsLeft: null, seconds: 12, state: "finished" },
    values: { accuracy: 0.8 },
  });
});
const never = {
  key: () => "",
  open: () => {
    throw new Error("nothing is to be shown");
  },
};

test("it draws at most ten times a second, and always the end", () => {
  const { progress, drawn, last } = place();
  const bar = progress(1000, { label: "steps" });
  for (let step = 1; step <= 999; step++) {
    wait(1);
    bar.add();
  }
  expect(drawn.length).toBeGreaterThan(5);
  expect(drawn.length).toBeLessThanOrEqual(11);
  bar.add();
  bar.end();
  expect(last()).toEqual({ lines: ["steps 1000/1000 finished"], final: true });
});

test("loops count what was done with each item, whatever the items are", async () => {
  const { progress, last } = place();
  const taken: unknown[] = [];
  for (const item of progress(new Set(["a", "b"]), { label: "set" })) taken.push(item);
  expect(last().lines).toEqual(["set 2/2 finished"]);
  for await (const item of progress([Promise.resolve("c")], { label: "promises" }))
    taken.push(item);
  async function* stream() {
    yield "d";
    yield "e";
  }
  const bar = progress(stream(), { label: "stream" });
  for await (const item of bar) taken.push(item, bar.done);
  expect(last().lines).toEqual(["stream 2/null finished"]);
  for (const step of progress(4, { label: "steps", done: 2 })) taken.push(step);
  expect(last().lines).toEqual(["steps 4/4 finished"]);
  expect(taken).toEqual(["a", "b", "c", "d", 0, "e", 1, 2, 3]);
});

test("a loop that is left early, or fails, or whose items fail, leaves the bar stopped", async () => {
  const { progress, last } = place();
  for (const step of progress(4, { label: "break" })) if (step === 2) break;
  expect(last()).toEqual({ lines: ["break 2/4 stopped"], final: true });
  const failing = async () => {
    for await (const step of progress(4, { label: "throw" })) if (step === 1) throw new Error("no");
  };
  await expect(failing()).rejects.toThrow("no");
  expect(last().lines).toEqual(["throw 1/4 stopped"]);
  function* items() {
    yield 1;
    throw new Error("out of items");
  }
  const source = () => [...progress(items(), { label: "source", total: 3 })];
  expect(source).toThrow("out of items");
  expect(last().lines).toEqual(["source 1/3 stopped"]);
  progress(10, { label: "hand" }).end();
  expect(last().lines).toEqual(["hand 0/10 stopped"]);
});

test("what has ended does not move any more", () => {
  const { progress, drawn, last } = place();
  const bar = progress(3, { label: "bar" });
  bar.set(3);
  bar.end();
  const { length } = drawn;
  bar.add();
  bar.show({ loss: 1 });
  bar.plot({ loss: 1 });
  bar.end("again");
  expect(drawn.length).toBe(length);
  expect(last().lines).toEqual(["bar 3/3 finished"]);
});

test("bars within a bar are drawn with it, one label in one place", () => {
  const { progress, drawn, last } = place();
  const epochs = progress(2, { label: "epochs" });
  for (const epoch of epochs) {
    for (const _ of progress(3, { label: "batches" })) wait(200);
    for (const _ of progress(1, { label: `scoring ${epoch}` })) wait(200);
  }
  expect(last()).toEqual({
    lines: [
      "epochs 2/2 finished",
      "  batches 3/3 finished",
      "  scoring 0 1/1 finished",
      "  scoring 1 1/1 finished",
    ],
    final: true,
  });
  expect(drawn.filter(({ final }) => final)).toHaveLength(1);
});

test("of many bars within a bar the newest are drawn", () => {
  const { progress, last, drawn } = place();
  const runs = progress(100, { label: "runs" });
  for (const run of runs) for (const _ of progress(1, { label: `run ${run}` })) wait(150);
  expect(Math.max(...drawn.map(({ rows }) => rows.length))).toBeLessThan(25);
  expect(last().lines.at(-1)).toBe("  run 99 1/1 finished");
});

test("stopped from outside, bars stay as they are", () => {
  const { progress, stops, last } = place();
  const outer = progress(5, { label: "outer" });
  outer.set(1);
  progress(5, { label: "inner" }).set(2);
  for (const stop of stops) stop();
  expect(last()).toEqual({ lines: ["outer 1/5 stopped", "  inner 2/5 stopped"], final: true });
});

test.each<[unknown, RegExp]>([
  [undefined, /a number of steps or something to iterate is needed, not undefined/],
  [{}, /something to iterate/],
  [-1, /the total is -1; at least 0/],
  [Number.NaN, /the total is NaN/],
])("%s cannot be followed", (items, message) => {
  expect(() => place().progress(items as number)).toThrow(message);
});

test("items that are waited for say so in a loop that does not wait", () => {
  const items = (async function* () {})();
  expect(() => [...(place().progress(items) as unknown as Iterable<unknown>)]).toThrow(/for await/);
});

test("`for await` over a list lets other work run", async () => {
  vi.useRealTimers();
  let turns = 0;
  const timer = setInterval(() => turns++, 5);
  const until = performance.now() + 300;
  const endless = progressIn(never)(Number.POSITIVE_INFINITY, { report: () => {} });
  for await (const _ of endless) if (performance.now() > until) break;
  clearInterval(timer);
  expect(turns).toBeGreaterThan(1);
});

const report: ProgressReport = {
  label: "mrpc bitfit seed 1",
  done: 120,
  total: 230,
  unit: "steps",
  seconds: 14.8,
  rate: 8.123,
  secondsLeft: 13.5,
  values: { loss: 0.52, phase: "warm-up", gone: undefined },
  note: "",
  state: "running",
};

test("a line says what, how far, how fast and how long", () => {
  expect(logLine(report)).toBe(
    "mrpc bitfit seed 1  120/230 steps  8.12 steps/s  0:14 left  loss 0.5200  phase warm-up",
  );
  const unknown = { ...report, total: null, rate: null, secondsLeft: null, values: {} };
  expect(figures(unknown)).toBe("120 steps");
  expect(figures({ ...report, state: "stopped", values: {}, note: "diverged" })).toBe(
    "120/230 steps  8.12 steps/s  stopped after 0:15  diverged",
  );
  expect(
    figures({ ...report, done: 1e6, total: 1e6, rate: 12345.6, values: {}, unit: "rows" }),
  ).toBe("1,000,000/1,000,000 rows  12,346 rows/s  0:14 left");
  expect([59.6, 61, 3723].map(clock)).toEqual(["1:00", "1:01", "1:02:03"]);
});

test("where there is little room the figures are what stays", () => {
  const { progress, stops, last } = keepingPlace();
  const bar = progress(400, { label: "mrpc 10 % lora seed 1" });
  bar.plot({ "training loss": 2, "validation accuracy": 1 });
  wait(2000);
  bar.set(4);
  for (const stop of stops) stop();
  const figures = "4/400 steps  2.00 steps/s  stopped after 0:02";
  const line = (width: number) => textLines(last().rows, width)[0];
  expect(line(120)).toBe(`mrpc 10 % lora seed 1    1 % |▏                   |  ${figures}`);
  expect(line(90)).toBe(`mrpc 10 % lora seed 1    1 % |          |  ${figures}`);
  expect(line(79)).toBe(`mrpc 10 % lora seed 1    1 %  ${figures}`);
  const curves = (width: number) => textLines(last().rows, width)[1]!.length;
  expect(curves(79)).toBeLessThanOrEqual(79);
});

test("100 % is what is done, and no label ends the line", () => {
  const { progress, last } = keepingPlace();
  const bar = progress(1000, { label: "a\nb\u001b[2J" });
  bar.plot({ loss: 3 });
  bar.set(999);
  bar.plot({ loss: 1 });
  wait(200);
  bar.show({ state: "x\ny" });
  const lines = textLines(last().rows);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^a b \[2J {3}99 % \|█{19}▊\| {2}999\/1,000 steps .* state x y$/);
  expect(lines[1]).toMatch(/^ +loss █▁ 1$/);
});
