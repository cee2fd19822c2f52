import { chmodSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { python } from "../../src/setup/paths";
import { findPython } from "../../src/setup/python";
import { temporaryFolder } from "./temporary";

/** A path with programs that answer as these Pythons would. */
function pathWith(pythons: Readonly<Record<string, unknown[]>>): NodeJS.ProcessEnv {
  const folder = temporaryFolder();
  for (const [name, answer] of Object.entries(pythons)) {
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`);
    chmodSync(file, 0o755);
  }
  return { PATH: folder };
}

it("finds the Python that is there", () => {
  const folder = temporaryFolder();
  symlinkSync(python, join(folder, "python3"));
  const found = findPython({ PATH: folder });
  expect(found.version[0]).toBe(3);
  expect(found.version[1]).toBeGreaterThanOrEqual(10);
});

it("passes over one that is too old for one that is not", () => {
  const env = pathWith({
    python3: ["/usr/bin/python3", [3, 9, 2], true, true],
    "python3.12": ["/opt/python3.12", [3, 12, 1], false, true],
  });
  expect(findPython(env)).toMatchObject({ executable: "/opt/python3.12", ensurepip: false });
});

it("says which are there when all are too old or incomplete", () => {
  const env = pathWith({
    python3: ["/usr/bin/python3", [3, 9, 2], true, true],
    "python3.11": ["/usr/bin/python3.11", [3, 11, 2], false, false],
  });
  expect(() => findPython(env)).toThrow(
    /3\.10 or newer.*python3 is 3\.9\.2.*python3\.11 is 3\.11\.2 without/,
  );
});

it("says so when there is none", () => {
  expect(() => findPython({ PATH: temporaryFolder() })).toThrow(/no python3 was found/);
});
