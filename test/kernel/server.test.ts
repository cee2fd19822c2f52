import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { jupyterDataFolder, python, root } from "../../src/setup/paths";
import { fixtures } from "./conversation";

// Server and kernels take seconds to start, and more on a busy machine.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const folder = mkdtempSync(join(tmpdir(), "peftlab-server-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lines = 'for (let i = 0; i < 100_000; i++) console.log(i + " " + "x".repeat(90));';
const slowly = `for (let i = 0; i < 10_000; i++) {
  console.log(\`\${i} \${"x".repeat(1000)}\`);
  if (i % 33 === 0) await new Promise((done) => setTimeout(done, 10));
}`;
const fails = `${lines} throw new Error("at the end");`;
const asked = {
  "a notebook's kernel": { session: true, cells: [lines, slowly, "console.log('next')"] },
  "a kernel without a session": { session: false, cells: [fails, "console.log('next')"] },
};
let seen: { stdout: string; stderr: string }[][];
let log: string;

beforeAll(() => {
  const output = execFileSync(
    python,
    ["-B", join(fixtures, "server.py"), join(root, "notebooks")],
    {
      input: JSON.stringify(Object.values(asked)),
      env: {
        ...process.env,
        JUPYTER_DATA_DIR: jupyterDataFolder,
        JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
        JUPYTER_CONFIG_DIR: join(folder, "config"),
        IPYTHONDIR: join(folder, "ipython"),
      },
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    },
  );
  ({ seen, log } = JSON.parse(output));
});

test.each(Object.entries(asked))(
  "under Jupyter Server %s shows both ends of much output",
  (name) => {
    const place = Object.keys(asked).indexOf(name);
    const long = seen[place]!.slice(0, -1);
    for (const { stdout, stderr } of long) {
      expect(stderr).toBe("");
      const whole = stdout.split("\n");
      const notes = whole.filter((line) =>
        line.endsWith("characters of output were left out here]"),
      );
      expect(notes).toHaveLength(1);
      const omitted = Number(/\[([\d,]+) /.exec(notes[0]!)![1]!.replaceAll(",", ""));
      expect(omitted).toBeGreaterThan(8e6);
      const numbers = whole.flatMap((line) =>
        /^\d+ x+$/.test(line) ? [Number.parseInt(line, 10)] : [],
      );
      const gap = numbers.findIndex((number, at) => number !== at);
      expect(gap).toBeGreaterThan(100);
      const tail = numbers.slice(gap);
      // After the gap all is there again, to the last line.
      expect(tail).toEqual(tail.map((_, at) => tail[0]! + at));
      expect(tail.at(-1)).toBe(stdout.includes("x".repeat(1000)) ? 9_999 : 99_999);
    }
    expect(seen[place]!.at(-1)).toEqual({ stdout: "next\n", stderr: "" });
  },
);

test("the server limits nothing", () => {
  expect(log).not.toContain("rate exceeded");
});
