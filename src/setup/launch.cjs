"use strict";
// The program of the kernelspec in a user's Jupyter: it becomes the kernel of the project that the notebook lies in,
// else of the project that installed it. Syntax that an old Node can read, Node's own modules, and files beside it.
const fs = require("fs");
const path = require("path");
const { nodeProblem } = require("./node.cjs");

/** @type {{ project: string, kernel: string }} The project that installed it. */
const home = JSON.parse(fs.readFileSync(path.join(__dirname, "kernel.json"), "utf8")).metadata
  .peftlab;

/** @param {string} project */
function kernelOf(project) {
  const main = path.join(project, home.kernel, "main.cjs");
  return fs.existsSync(main) ? { project, main } : undefined;
}

/**
 * The kernel of the nearest project around a folder.
 * @param {string} folder
 * @returns {ReturnType<typeof kernelOf>}
 */
function nearest(folder) {
  const parent = path.dirname(folder);
  return kernelOf(folder) || (parent === folder ? undefined : nearest(parent));
}

/** @param {string} message */
function stop(message) {
  process.stderr.write(`peftlab: ${message}\n`);
  process.exit(1);
}

function launch() {
  const problem = nodeProblem(process.version);
  if (problem) return stop(`${problem}\n  The kernel was started with ${process.execPath}.`);
  const found = nearest(process.cwd()) || kernelOf(home.project);
  if (!found)
    return stop(
      `There is no kernel in ${home.project}, whose it was, nor in a project around ${process.cwd()}.\n` +
        "  In a project of yours: npm run kernel -- install --user",
    );
  try {
    require(found.main);
  } catch (error) {
    const { stack } = /** @type {Error} */ (error);
    stop(`The kernel of ${found.project} does not start. Run npm run doctor there.\n${stack}`);
  }
}

launch();
