"use strict";
const fs = require("node:fs");
const { SetupError } = require("./failure.cjs");
const { megabytes } = require("./progress.cjs");

/**
 * Throws when the disk has not enough room, before anything is downloaded: npm for one may end
 * well on a disk that filled up meanwhile.
 * @param {string} what
 * @param {number} bytes
 * @param {string} folder
 */
function requireSpace(what, bytes, folder) {
  const { bavail, bsize } = fs.statfsSync(folder);
  if (bavail * bsize >= bytes) return;
  throw new SetupError(
    `${what}: the disk is too full. ${megabytes(bytes)} are needed, and ${megabytes(bavail * bsize)} are free.`,
    "Free some space, then start again: what is finished is kept.",
  );
}

module.exports = { requireSpace };
