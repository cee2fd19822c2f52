import { describe, expect, it } from "vitest";
import { platformProblem } from "../../src/setup/bootstrap.cjs";
import { nodeProblem } from "../../src/setup/node.cjs";

describe("Node's version", () => {
  it.each([
    "v20.19.0",
    "v20.20.2",
    "v22.12.0",
    "v22.99.1",
    "v24.0.0",
    "v26.0.0",
    "v27.1.0",
    "v30.0.0-nightly",
  ])("%s works", (version) => expect(nodeProblem(version)).toBeUndefined());

  it.each([
    "v0.12.18",
    "v12.9.0",
    "v18.20.4",
    "v20.18.3",
    "v21.7.3",
    "v22.11.0",
    "v23.9.0",
    "v25.9.0",
  ])("%s does not, and the message names those that do", (version) => {
    const problem = nodeProblem(version);
    expect(problem).toContain(version);
    for (const works of ["20.19", "22.12", "24", "26"]) expect(problem).toContain(works);
  });
});

describe("the platform", () => {
  it.each([
    ["linux", "x64"],
    ["linux", "arm64"],
    ["darwin", "arm64"],
  ])("%s %s works", (platform, arch) =>
    expect(platformProblem({ platform, arch, musl: false })).toBeUndefined(),
  );

  it.each([
    ["win32", "x64", false, "WSL 2"],
    ["darwin", "x64", false, "Intel Macs"],
    ["linux", "x64", true, "Alpine"],
    ["linux", "riscv64", false, "riscv64"],
    ["freebsd", "x64", false, "freebsd"],
  ])("%s %s (musl: %s) gets one message with %s", (platform, arch, musl, word) => {
    const problem = platformProblem({ platform, arch, musl });
    expect(problem).toContain(word);
    expect(problem).toContain("Linux with glibc");
  });
});
