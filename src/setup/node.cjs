"use strict";
// Syntax that an old Node can read: what stands here is what an unsuited Node says about itself.

const supportedNode = "20 (20.19 or newer), 22 (22.12 or newer), 24, or 26 and newer";

/**
 * What is wrong with this version of Node, or undefined.
 * @param {string} version
 */
function nodeProblem(version) {
  const parts = version.replace(/^v/, "").split(".").map(Number);
  const major = parts[0] || 0;
  const minor = parts[1] || 0;
  const fits =
    (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major === 24 || major >= 26;
  if (fits) return undefined;
  return `Node ${version} does not work here.\n  Install Node ${supportedNode}; then start again.`;
}

module.exports = { nodeProblem };
