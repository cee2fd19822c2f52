"use strict";
// Plain JavaScript that any Node can read: the bootstrap needs it before a package is installed.

/** A set-up step that cannot go on: what is wrong, and what the user can do about it. */
class SetupError extends Error {
  /**
   * @param {string} cause
   * @param {string} remedy
   */
  constructor(cause, remedy) {
    super(cause);
    this.name = "SetupError";
    this.remedy = remedy;
  }
}

const again = "then start again: what is finished is kept.";

/** @type {[RegExp, string, string][]} What npm, pip and the system say, what it means, what helps. */
const known = [
  [
    /ENOSPC|No space left on device|not enough disk space/i,
    "the disk is full",
    `Free some space (the whole set-up takes about 3 GB), ${again}`,
  ],
  [
    /EINTEGRITY|DO NOT MATCH THE HASHES|has the wrong hash|integrity checksum failed/i,
    "a downloaded file has the wrong hash, so it was not used",
    "The download was damaged, or the registry serves another file than the one peftlab names. Start again; if it stays so, ask whoever runs the registry.",
  ],
  [
    /CERTIFICATE_VERIFY_FAILED|self.signed certificate|UNABLE_TO_GET_ISSUER|UNABLE_TO_VERIFY|SSLError|certificate verify failed/i,
    "a certificate was not accepted",
    `Behind a proxy that signs by itself, name its certificate: npm config set cafile FILE; python3 -m pip config set global.cert FILE; ${again}`,
  ],
  [
    /\bE40[137]\b|\b40[137] (Client Error|Unauthorized|Forbidden)|Proxy Authentication/i,
    "the registry or proxy refused access",
    `Check the registry's address and credentials (npm config get registry; python3 -m pip config list), ${again}`,
  ],
  [
    /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|Name or service not known|Temporary failure in name resolution|Failed to resolve|NewConnectionError|ProxyError|ReadTimeout|Connection (refused|reset|aborted)|Network is unreachable|timed out/i,
    "the package registry cannot be reached",
    `Check the network and the proxy settings (HTTPS_PROXY; npm config get proxy; python3 -m pip config list), ${again} After the first time peftlab needs no network.`,
  ],
  [
    /No matching distribution found|ETARGET|\bE404\b|404 (Client Error|Not Found)/i,
    "the registry does not have a package that peftlab names",
    `Name a complete registry (npm config get registry; python3 -m pip config get global.index-url), ${again}`,
  ],
  [
    /EACCES|EPERM|EROFS|Permission denied|Read-only file system/i,
    "a file in the project folder cannot be written",
    `Make the project folder yours and writable, ${again}`,
  ],
];

/**
 * The error for a program that failed, told from what it printed.
 * @param {string} what the program, as the user would name it
 * @param {string} output what it printed
 */
function explain(what, output) {
  const match = known.find(([pattern]) => pattern.test(output));
  const tail = output.trim().split("\n").slice(-12).join("\n");
  const cause = match ? match[1] : "it stopped with an error";
  const remedy = match
    ? match[2]
    : "Read its last lines above; `npm run doctor` says what is missing.";
  return new SetupError(`${what}: ${cause}\n${tail.replace(/^/gm, "  | ")}`, remedy);
}

module.exports = { SetupError, explain };
