import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { progressIn } from "../../../src/kernel/progress/progress";
import { Lines, Log, type Output } from "../../../src/kernel/progress/terminal";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());
const wait = (ms: number) => vi.advanceTimersByTime(ms);

/** A terminal that keeps what is on its screen. */
function screen(columns = 80, rows = 24) {
  const lines = [""];
  let [row, column] = [0, 0];
  const put = (text: string) => {
    const parts = text.replaceAll("\u001b[", "⟦").match(/⟦\d*[AJ]|[\r\n]|[^\r\n⟦]+/g);
    for (const part of parts ?? []) {
      const control = /⟦(\d*)([AJ])/.exec(part);
      if (control?.[2] === "A") row -= Number(control[1] || 1);
      else if (control) {
        lines.length = row + 1;
        lines[row] = lines[row]!.slice(0, column);
      } else if (part === "\r") column = 0;
      else if (part === "\n") {
        row += 1;
        column = 0;
        lines[row] ??= "";
      } else {
        lines[row] = lines[row]!.slice(0, column).padEnd(column) + part;
        column += part.length;
      }
      expect(row).toBeGreaterThanOrEqual(0);
    }
    return true;
  };
  const output: Output = { write: put as Output["write"], isTTY: true, columns, rows };
  const other: Output = { write: put as Output["write"], isTTY: true };
  return { output, other, shown: () => lines.join("\n").trimEnd().split("\n") };
}

const progressOn = (view: Lines | Log) =>
  progressIn({ key: () => "", open: () => ({ view, close: () => {} }) });

test("lines are overwritten in place, and what others print stays above", () => {
  const { output, other, shown } = screen();
  const { write } = other;
  const progress = progressOn(new Lines(output, [output, other]));
  for (const epoch of progress(2, { label: "epochs" }))
    for (const batch of progress(3, { label: "batches" })) {
      wait(150);
      if (batch === 1) other.write(`printed ${epoch}\n`);
      if (batch === 2) other.write(`partial ${epoch}`);
    }
  expect(shown().map((line) => line.replace(/ {2}[\d.]+ (epochs|batches|steps).*/, ""))).toEqual([
    "printed 0",
    "partial 0",
    "printed 1",
    "partial 1",
    "epochs     100 % |████████████████████|  2/2 steps",
    "  batches  100 % |████████████████████|  3/3 steps",
  ]);
  expect(other.write).toBe(write);
});

test("lines fit into the terminal", () => {
  const { output, shown } = screen(30, 6);
  const progress = progressOn(new Lines(output, []));
  const seen: string[][] = [];
  for (const run of progress(12, { label: "runs" }))
    for (const _ of progress(1, { label: `run ${run}` })) {
      wait(150);
      seen.push(shown());
    }
  expect(Math.max(...seen.map(({ length }) => length))).toBeLessThan(6);
  expect(Math.max(...shown().map(({ length }) => length))).toBeLessThan(30);
  expect(shown().map((line) => line.slice(0, 8).trim())).toEqual([
    "runs",
    ...Array.from({ length: 12 }, (_, run) => `run ${run}`),
  ]);
});

test("bars that made room for others stay above", () => {
  const { output, shown } = screen();
  const progress = progressOn(new Lines(output, []));
  for (const run of progress(40, { label: "runs" }))
    for (const _ of progress(1, { label: `run ${run}` })) wait(150);
  const labels = shown().map((line) => line.slice(0, 8).trim());
  expect(labels.filter((label) => label === "runs")).toHaveLength(1);
  for (let run = 0; run < 40; run++)
    expect(labels.filter((label) => label === `run ${run}`)).toHaveLength(1);
});

test("a log gets each bar's last line, and one now and then", () => {
  const lines: string[] = [];
  const output: Output = { write: ((text: string) => lines.push(text) > 0) as Output["write"] };
  const progress = progressOn(new Log(output));
  for (const epoch of progress(2, { label: "epochs" })) {
    for (const _ of progress(50, { label: "batches" })) wait(1000);
    for (const _ of progress(1, { label: `scoring ${epoch}` })) wait(1000);
  }
  expect(lines.join("")).not.toMatch(/[^\P{Cc}\n]/u);
  const brief = lines.map((line) => line.replace(/ {2}[\d.]+ steps\/s.*/, "").trim());
  expect(brief).toEqual([
    "epochs  0/2 steps",
    "batches  30/50 steps",
    "batches  50/50 steps",
    "scoring 0  1/1 steps",
    "epochs  1/2 steps",
    "batches  31/50 steps",
    "epochs  2/2 steps",
    "batches  50/50 steps",
    "scoring 1  1/1 steps",
  ]);
});
