import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exclusively } from "../../src/experiments/lock";

let folder: string;
let log: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "peftlab-lock-"));
  log = join(folder, "log");
});
afterEach(() => rmSync(folder, { recursive: true }));

const holder = join(__dirname, "../fixtures/experiments/hold-lock.ts");
const hold = (milliseconds: number): ChildProcess =>
  spawn(process.execPath, ["--import", "tsx", holder, folder, log, String(milliseconds)], {
    stdio: ["ignore", "inherit", "inherit"],
  });
const lines = () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []);
const options = { done: () => undefined, waiting: () => {} };

test("processes that want the same lock have it one after another", async () => {
  const children = Array.from({ length: 4 }, () => hold(150));
  await Promise.all(children.map((child) => once(child, "exit")));
  const pids = lines().filter((line) => line.startsWith("in"));
  expect(pids.length).toBe(4);
  // in and out of one process follow each other: nobody was in at the same time.
  for (let i = 0; i < 8; i += 2) {
    expect(lines()[i]!.replace("in", "")).toBe(lines()[i + 1]!.replace("out", ""));
  }
  expect(readdirSync(folder)).toEqual(["log"]);
});

test("a killed holder's lock is taken over, a living one's is waited for", async () => {
  const child = hold(60_000);
  while (lines().length === 0) await sleep(20);
  let seen: number | undefined;
  const waiting = ({ pid }: { pid: number }) => {
    seen = pid;
    child.kill("SIGKILL");
  };
  const result = await exclusively(folder, { ...options, waiting }, async () => "mine");
  expect(result).toBe("mine");
  expect(seen).toBe(child.pid);
});

test("a process id that was given again does not keep a lock alive", async () => {
  writeFileSync(join(folder, `lock.${process.ppid}.1.x.${hostname()}`), "");
  writeFileSync(join(folder, `lock.${process.pid}.1.x.${hostname()}`), "");
  expect(await exclusively(folder, options, async () => "mine")).toBe("mine");
});

test("the wait ends with the answer when another has found it, and at once when stopped", async () => {
  const stop = new AbortController();
  let answer: string | undefined;
  const first = exclusively(folder, options, async () => {
    const second = exclusively(
      folder,
      { done: () => answer, waiting: () => {} },
      async () => "worked twice",
    );
    const third = exclusively(folder, { ...options, signal: stop.signal }, async () => "no");
    stop.abort(new Error("stopped"));
    await expect(third).rejects.toThrow("stopped");
    answer = "found";
    return [await second, answer];
  });
  expect(await first).toEqual(["found", "found"]);
});

test("an error inside gives the lock back", async () => {
  const failing = exclusively(folder, options, async () => {
    throw new Error("inside");
  });
  await expect(failing).rejects.toThrow("inside");
  expect(readdirSync(folder)).toEqual([]);
});
