"use strict";
// The one entry of every command. It uses Node's own modules only and syntax that an old Node can
// read, so that an unsuited machine gets a clear message: everything after it is TypeScript.
const fs = require("fs");
const path = require("path");
const { nodeProblem } = require("./node.cjs");

const root = path.resolve(__dirname, "../..");
const stamp = path.join(root, "node_modules", ".peftlab.json");

/**
 * What is wrong with this platform, or undefined. TensorFlow is built for the others only.
 * @param {{ platform: string, arch: string, musl: boolean }} machine
 */
function platformProblem(machine) {
  const supported =
    "peftlab runs on Linux with glibc (x86-64 or arm64) and on macOS with Apple silicon.";
  if (machine.platform === "win32")
    return `${supported}\n  On Windows, install WSL 2 (wsl --install) and start again inside it.`;
  if (machine.platform === "darwin" && machine.arch !== "arm64")
    return `${supported}\n  TensorFlow is no longer built for Intel Macs: use a Linux machine or container.`;
  if (machine.musl)
    return `${supported}\n  This Linux uses musl (Alpine), for which TensorFlow is not built: use Debian, Ubuntu or Fedora.`;
  const known = machine.platform === "linux" || machine.platform === "darwin";
  if (!known || (machine.arch !== "x64" && machine.arch !== "arm64"))
    return `${supported}\n  This is ${machine.platform} on ${machine.arch}. On Windows, use WSL 2.`;
  return undefined;
}

function thisMachine() {
  const machine = { platform: process.platform, arch: process.arch, musl: false };
  if (machine.platform === "linux" && fs.existsSync("/lib")) {
    // The full report is slow, so it is asked only where musl is installed at all.
    const installed = fs.readdirSync("/lib").some((name) => name.startsWith("ld-musl-"));
    const report = installed && /** @type {any} */ (process.report.getReport());
    machine.musl = installed && !report.header.glibcVersionRuntime;
  }
  return machine;
}

/** What node_modules must have been installed from: the lock file, for this kind of machine. */
function wantedPackages() {
  const lock = fs.readFileSync(path.join(root, "package-lock.json"));
  const hash = require("crypto").createHash("sha256").update(lock).digest("hex");
  return JSON.stringify({ lock: hash, machine: `${process.platform}-${process.arch}` });
}

function packagesInstalled() {
  try {
    return fs.readFileSync(stamp, "utf8") === wantedPackages();
  } catch (_) {
    return false;
  }
}

async function main() {
  const problem = nodeProblem(process.version) || platformProblem(thisMachine());
  if (problem) {
    process.stderr.write(`peftlab: ${problem}\n`);
    process.exit(1);
  }
  if (!packagesInstalled()) {
    await require("./packages.cjs").install({ root, stamp, packagesInstalled, wantedPackages });
  }
  // Both loaders: `import()` within a command goes by the second.
  require(require.resolve("tsx/cjs"));
  (await import("tsx/esm/api")).register();
  require(path.join(root, "src/cli/main.ts"));
}

module.exports = { platformProblem };
if (require.main === module) {
  main().catch((error) => {
    process.stderr.write(`peftlab: ${error.remedy ? error.message : error.stack}\n`);
    if (error.remedy) process.stderr.write(`  ${error.remedy}\n`);
    process.exit(1);
  });
}
