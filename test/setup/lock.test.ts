import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { withLock } from "../../src/setup/lock.cjs";
import { root } from "../../src/setup/paths";
import { rounds } from "./campaign";
import { temporaryFolder } from "./temporary";

/** A process that holds the lock, writing when it begins and ends. */
function holder(lock: string, log: string, name: string, milliseconds: number): ChildProcess {
  const program = `
    const { appendFileSync } = require("node:fs");
    const { withLock } = require(${JSON.stringify(join(root, "src/setup/lock.cjs"))});
    const write = (text) => appendFileSync(${JSON.stringify(log)}, text + "\\n");
    withLock(${JSON.stringify(lock)}, async () => {
      write("begin ${name}");
      await new Promise((done) => setTimeout(done, ${milliseconds}));
      write("end ${name}");
    }, () => {});
  `;
  return spawn(process.execPath, ["-e", program], { stdio: "inherit" });
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((done) => child.on("close", done));
}

it("several processes take their turns", async () => {
  const folder = temporaryFolder();
  const [lock, log] = [join(folder, "lock"), join(folder, "log")];
  const children = ["a", "b", "c", "d"].map((name) => holder(lock, log, name, 100));
  expect(await Promise.all(children.map(ended))).toEqual([0, 0, 0, 0]);
  const lines = readFileSync(log, "utf8").trim().split("\n");
  expect(lines).toHaveLength(8);
  for (let i = 0; i < 8; i += 2) expect(lines[i + 1]).toBe(lines[i]!.replace("begin", "end"));
  expect(existsSync(lock)).toBe(false);
});

it("the lock of a killed process is taken over", async () => {
  const folder = temporaryFolder();
  const [lock, log] = [join(folder, "lock"), join(folder, "log")];
  const child = holder(lock, log, "killed", 60_000);
  while (!existsSync(log)) await new Promise((done) => setTimeout(done, 20));
  child.kill("SIGKILL");
  await ended(child);
  expect(existsSync(lock)).toBe(true);
  expect(
    await withLock(
      lock,
      () => "mine",
      () => {},
    ),
  ).toBe("mine");
  expect(existsSync(lock)).toBe(false);
});

it("processes killed at any moment leave the others their turns", async () => {
  const folder = temporaryFolder();
  const [lock, log] = [join(folder, "lock"), join(folder, "log")];
  writeFileSync(log, "");
  const killed = new Set<string>();
  let random = 1;
  const upTo = (limit: number) => {
    random = (random * 48271) % 2147483647;
    return random % limit;
  };
  const running: Promise<unknown>[] = [];
  for (let round = 0; round < rounds(8, 100); round++) {
    const name = `p${round}`;
    const child = holder(lock, log, name, upTo(60));
    running.push(ended(child));
    if (upTo(2) === 0)
      setTimeout(() => {
        if (child.exitCode === null && child.kill("SIGKILL")) killed.add(name);
      }, upTo(400));
    await new Promise((done) => setTimeout(done, upTo(100)));
  }
  await Promise.all(running);
  let inside: string | undefined;
  for (const line of readFileSync(log, "utf8").trim().split("\n").filter(Boolean)) {
    const [what, name = ""] = line.split(" ");
    // Nobody begins while another is inside, unless that one was killed there.
    if (what === "begin") expect(inside === undefined || killed.has(inside), line).toBe(true);
    inside = what === "begin" ? name : undefined;
  }
  const finished = readFileSync(log, "utf8").match(/^end /gm)?.length ?? 0;
  expect(finished).toBeGreaterThanOrEqual(running.length - killed.size);
});

it("whoever waits is told for whom, and what to do if that is wrong", async () => {
  const lock = join(temporaryFolder(), "lock");
  writeFileSync(lock, String(process.ppid));
  const told: string[] = [];
  const waiting = withLock(
    lock,
    () => "done",
    (line: string) => told.push(line),
  );
  while (told.length < 2) await new Promise((done) => setTimeout(done, 20));
  writeFileSync(lock, "999999999");
  expect(await waiting).toBe("done");
  expect(told[0]).toContain(`process ${process.ppid}`);
  expect(told[1]).toContain(lock);
});

it("a failing task frees the lock", async () => {
  const lock = join(temporaryFolder(), "lock");
  const failing = withLock(
    lock,
    () => Promise.reject(new Error("no")),
    () => {},
  );
  await expect(failing).rejects.toThrow("no");
  expect(existsSync(lock)).toBe(false);
});
