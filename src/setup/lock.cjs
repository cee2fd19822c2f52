"use strict";
const fs = require("node:fs");

/**
 * The process that holds the lock, or undefined when that process is gone.
 * @param {string} file
 */
function holder(file) {
  try {
    const pid = Number(fs.readFileSync(file, "utf8"));
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM" ? -1 : undefined;
  }
}

/**
 * Removes a dead process's lock; one that a living process has taken meanwhile is put back.
 * @param {string} file
 */
function breakStale(file) {
  const aside = `${file}.${process.pid}.stale`;
  try {
    fs.renameSync(file, aside);
    if (holder(aside) !== undefined) fs.linkSync(aside, file);
  } catch (_) {
    // Another process was quicker: the next attempt sees what it left.
  } finally {
    fs.rmSync(aside, { force: true });
  }
}

/**
 * One attempt; a lock whose owner died is taken over.
 * @param {string} file
 */
function acquire(file) {
  const mine = `${file}.${process.pid}`;
  fs.writeFileSync(mine, String(process.pid));
  try {
    // A link appears with its content in one step, so nobody ever reads an empty lock.
    fs.linkSync(mine, file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    if (holder(file) === undefined) breakStale(file);
    return false;
  } finally {
    fs.rmSync(mine, { force: true });
  }
}

/**
 * Runs `task` while no other process does so under the same lock; waits for the other otherwise.
 * @template T
 * @param {string} file
 * @param {() => T | Promise<T>} task
 * @param {(line: string) => void} say
 * @returns {Promise<T>}
 */
async function withLock(file, task, say) {
  for (let tries = 0; !acquire(file); tries++) {
    if (tries === 1) {
      say(`Another set-up (process ${holder(file)}) is at work; waiting for it.`);
      say(`  If there is none, delete ${file}`);
    }
    await new Promise((done) => setTimeout(done, 200));
  }
  try {
    return await task();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

module.exports = { withLock };
