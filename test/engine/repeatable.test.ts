import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

/** What `digest.ts` prints in a process of its own. */
function digests(threads: number): Record<string, string> {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--require", "tsx/cjs", resolve("test/engine/digest.ts")],
    { encoding: "utf8", env: { ...process.env, TF_NUM_INTRAOP_THREADS: String(threads) } },
  );
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

test("processes that share work among 5 threads in any order get the same numbers bit for bit", () => {
  // More threads than most machines' tests have cores, so that they take work in another order each time.
  const first = digests(5);
  expect(first.threads).toBe("5");
  for (let i = 0; i < 3; i++) expect(digests(5)).toEqual(first);
});

test("one thread repeats itself, and gets what 5 do but for sums over rows", () => {
  const one = digests(1);
  expect(digests(1)).toEqual(one);
  const { attention, gelu, dropout } = digests(5);
  expect(one).toMatchObject({ attention, gelu, dropout, threads: "1" });
});
