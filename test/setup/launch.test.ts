import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { root } from "../../src/setup/paths";
import { temporaryFolder } from "./temporary";

const kernel = ".venv/share/jupyter/kernels/peftlab";
let folder: string;
let home: string;
let launcher: string;

/** A project whose kernel only says that it runs, and how it was called. */
function project(
  path: string,
  program = "console.log(JSON.stringify([__dirname, process.argv]));",
) {
  mkdirSync(join(path, kernel), { recursive: true });
  mkdirSync(join(path, "notebooks", "deep"), { recursive: true });
  writeFileSync(join(path, kernel, "main.cjs"), program);
  return path;
}

beforeEach(() => {
  folder = join(temporaryFolder(), "Größe, with spaces");
  home = project(join(folder, "home"));
  const spec = join(folder, "kernels", "peftlab");
  mkdirSync(spec, { recursive: true });
  for (const name of ["launch.cjs", "node.cjs"])
    copyFileSync(join(root, "src/setup", name), join(spec, name));
  const metadata = { peftlab: { project: home, kernel } };
  writeFileSync(join(spec, "kernel.json"), JSON.stringify({ metadata }));
  launcher = join(spec, "launch.cjs");
});

function launch(cwd: string, ...before: string[]) {
  return spawnSync(process.execPath, [...before, launcher, "connection.json"], {
    cwd,
    encoding: "utf8",
  });
}

/** The project whose kernel ran, in the launcher's own process. */
function started(cwd: string): string {
  const [place, argv] = JSON.parse(launch(cwd).stdout);
  expect(argv).toEqual([process.execPath, launcher, "connection.json"]);
  return place.slice(0, -kernel.length - 1);
}

it("starts the kernel of the nearest project around the working directory", () => {
  const outer = project(join(folder, "outer"));
  const inner = project(join(outer, "notebooks", "inner"));
  expect(started(outer)).toBe(outer);
  expect(started(join(outer, "notebooks", "deep"))).toBe(outer);
  expect(started(join(inner, "notebooks", "deep"))).toBe(inner);
});

it("starts the kernel of the project that installed it elsewhere", () => {
  expect(started(folder)).toBe(home);
  const bare = join(folder, "bare", ".venv", "share");
  mkdirSync(bare, { recursive: true });
  expect(started(bare)).toBe(home);
});

it("says what to do when that project is gone", () => {
  rmSync(home, { recursive: true });
  const { status, stderr } = launch(folder);
  expect(status).toBe(1);
  expect(stderr).toContain(`There is no kernel in ${home}`);
  expect(stderr).toContain("npm run kernel -- install --user");
});

it("says whose kernel does not start, and why", () => {
  const broken = project(join(folder, "broken"), 'require("no-such-package");');
  const { status, stderr } = launch(broken);
  expect(status).toBe(1);
  expect(stderr).toContain(`The kernel of ${broken} does not start. Run npm run doctor there.`);
  expect(stderr).toContain("Cannot find module 'no-such-package'");
});

it("a Node that is too old says so, before anything of the kernel is read", () => {
  const old = join(folder, "old.cjs");
  writeFileSync(old, 'Object.defineProperty(process, "version", { value: "v16.20.2" });');
  const { status, stdout, stderr } = launch(home, "--require", old);
  expect(status).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toContain("peftlab: Node v16.20.2 does not work here.\n  Install Node 20 (20.19");
  expect(stderr).toContain(`The kernel was started with ${process.execPath}.`);
});
