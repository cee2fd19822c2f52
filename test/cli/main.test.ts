import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../../src/setup/paths";

function peftlab(...args: string[]) {
  const bootstrap = join(root, "src/setup/bootstrap.cjs");
  return spawnSync(process.execPath, [bootstrap, ...args], { encoding: "utf8" });
}

it("--help lists every npm script, and nothing else", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const { stdout, status } = peftlab("--help");
  const listed = [...stdout.matchAll(/^ {2}(\S+) \S*.*$/gm)].map(([, name]) => name);
  const commands = listed.slice(listed.indexOf("start")).filter((name) => name !== "help");
  expect(status).toBe(0);
  expect(commands).toEqual(Object.keys(scripts));
  for (const [name, script] of Object.entries(scripts))
    expect(script).toBe(`node src/setup/bootstrap.cjs ${name}`);
});

it("an unknown command fails and says so", () => {
  const { stderr, status } = peftlab("trian");
  expect(status).not.toBe(0);
  expect(stderr).toContain("trian");
});
