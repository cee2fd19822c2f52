"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { spawn } = require("node:child_process");
const { SetupError, explain } = require("./failure.cjs");
const { progressLine } = require("./progress.cjs");
const { withLock } = require("./lock.cjs");
const { requireSpace } = require("./space.cjs");

/** How to call npm: the one that started us, else the one on the path. */
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script && path.basename(script) === "npm-cli.js") return [process.execPath, script];
  return ["npm"];
}

/**
 * Whether npm's own record of node_modules, which it writes last, agrees with the lock file: so it
 * is after a developer's `npm install`, and nothing needs to be installed again.
 * @param {string} root
 */
function treeAgrees(root) {
  try {
    const read = (/** @type {string} */ file) =>
      JSON.parse(fs.readFileSync(path.join(root, file), "utf8")).packages;
    const locked = read("package-lock.json");
    const there = read("node_modules/.package-lock.json");
    const same = (/** @type {string} */ name) =>
      there[name]
        ? there[name].version === locked[name].version &&
          there[name].integrity === locked[name].integrity
        : locked[name].optional;
    const names = Object.keys(locked).filter((name) => name !== "");
    return names.every(same) && Object.keys(there).every((name) => locked[name]);
  } catch (_) {
    return false;
  }
}

/**
 * Installs exactly what the lock file names (`npm ci`). npm empties node_modules first, the stamp
 * with it, so an interrupted installation is seen and made again.
 * @param {{ root: string, stamp: string, packagesInstalled(): boolean, wantedPackages(): string }} project
 */
async function install(project) {
  const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);
  await withLock(
    path.join(project.root, ".setup.lock"),
    async () => {
      if (project.packagesInstalled()) return;
      const wanted = project.wantedPackages();
      if (!treeAgrees(project.root)) {
        say("npm packages: everything in package-lock.json (download 240 MB, 860 MB on disk)");
        requireSpace("npm packages", 900e6, project.root);
        fs.rmSync(project.stamp, { force: true });
        await run(project.root);
      }
      fs.writeFileSync(`${project.stamp}.partial`, wanted);
      fs.renameSync(`${project.stamp}.partial`, project.stamp);
    },
    say,
  );
}

/** @param {string} root */
function run(root) {
  const lock = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8"));
  const folders = Object.keys(lock.packages).filter((name) => name.startsWith("node_modules/"));
  const line = progressLine("installing");
  const [program = "npm", ...before] = npmCommand();
  const child = spawn(program, [...before, "ci", "--no-progress"], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const keep = (/** @type {Buffer} */ text) => {
    output = (output + text).slice(-20000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const timer = setInterval(() => {
    const there = folders.filter((name) => fs.existsSync(path.join(root, name, "package.json")));
    line.update(there.length, folders.length);
  }, 500);
  return new Promise((done, fail) => {
    child.on("error", () => {
      clearInterval(timer);
      fail(
        new SetupError("npm was not found.", "Install npm (it comes with Node), then start again."),
      );
    });
    child.on("close", (code) => {
      clearInterval(timer);
      line.end(code === 0 ? "done" : "stopped");
      if (code === 0) done(undefined);
      else fail(explain("npm ci", output));
    });
  });
}

module.exports = { install };
