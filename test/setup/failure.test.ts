import { describe, expect, it } from "vitest";
import { explain, SetupError } from "../../src/setup/failure.cjs";

/** What npm, pip and the system print, shortened. */
const outputs: [string, string, string, string][] = [
  [
    "npm without a network",
    "npm error code ENOTFOUND\nnpm error network request to https://registry.example/x failed",
    "cannot be reached",
    "HTTPS_PROXY",
  ],
  [
    "pip without a network",
    "WARNING: Retrying after connection broken by 'NewConnectionError(...): Failed to establish a new connection: [Errno -2] Name or service not known'\nERROR: No matching distribution found for pip==26.3",
    "cannot be reached",
    "network",
  ],
  [
    "a full disk under npm",
    "npm error code ENOSPC\nnpm error nospc ENOSPC: no space left on device, write",
    "disk is full",
    "Free some space",
  ],
  [
    "a full disk under pip",
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
    "disk is full",
    "Free some space",
  ],
  [
    "pip's hash check",
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
    "wrong hash",
    "registry",
  ],
  [
    "npm's hash check",
    "npm error code EINTEGRITY\nnpm error sha512-abc integrity checksum failed when using sha512",
    "wrong hash",
    "registry",
  ],
  [
    "a proxy's own certificate",
    "npm error code SELF_SIGNED_CERT_IN_CHAIN\nnpm error self-signed certificate in certificate chain",
    "certificate",
    "cafile",
  ],
  [
    "a package the index lacks",
    "ERROR: No matching distribution found for tensorflow-cpu==2.21.0",
    "does not have",
    "registry",
  ],
  [
    "a folder of somebody else's",
    "npm error code EACCES\nnpm error syscall mkdir",
    "cannot be written",
    "writable",
  ],
  [
    "refused credentials",
    "npm error code E401\nnpm error Unable to authenticate",
    "refused access",
    "credentials",
  ],
];

describe("what a failed program printed", () => {
  it.each(outputs)("%s", (_, output, cause, remedy) => {
    const error = explain("npm ci", output);
    expect(error).toBeInstanceOf(SetupError);
    expect(error.message).toContain("npm ci");
    expect(error.message.split("\n")[0]).toContain(cause);
    expect(error.remedy).toContain(remedy);
  });

  it("that is not known is shown by its last lines", () => {
    const lines = Array.from({ length: 40 }, (_, line) => `line ${line}`);
    const { message } = explain("c++", lines.join("\n"));
    expect(message).toContain("| line 39");
    expect(message).not.toContain("line 20\n");
  });
});
