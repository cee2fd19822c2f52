import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { kernelFolder, python, root } from "../../src/setup/paths";
import { temporaryFolder } from "../setup/temporary";
import { command } from "./command";

let home: string;
let kernels: string;
beforeEach(() => {
  home = join(temporaryFolder(), "Größe, with spaces");
  kernels = join(home, "share", "jupyter", "kernels");
  mkdirSync(home);
});

/** What Jupyter's folders are told from; nothing of the user's own. */
function environment(): Record<string, string> {
  return { HOME: home, JUPYTER_DATA_DIR: join(home, "share", "jupyter"), JUPYTER_PATH: "" };
}

function kernel(...args: string[]) {
  return command(["kernel", ...args], environment());
}

/** A kernelspec that is not ours, in a folder of Jupyter's. */
function another(name: string) {
  const folder = join(kernels, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "kernel.json"), '{"argv": ["other"], "display_name": "Other"}');
  return folder;
}

/** Starts the kernel by its name from a folder, as any Jupyter would, and runs a cell. */
const conversation = `
import json, sys
from jupyter_client.manager import start_new_kernel
kernel, client = start_new_kernel(kernel_name="peftlab", cwd=sys.argv[1], startup_timeout=300)
texts = []
def keep(message):
    if message["msg_type"] == "execute_result":
        texts.append(message["content"]["data"]["text/plain"])
client.execute_interactive(sys.argv[2], timeout=300, output_hook=keep)
client.stop_channels()
kernel.shutdown_kernel()
print(json.dumps(texts))
`;

it("installs, starts from a folder outside any project, and uninstalls", async () => {
  const installed = await kernel("install", "--user");
  expect(installed).toMatchObject({ status: 0, err: "" });
  const folder = join(kernels, "peftlab");
  expect(installed.out).toContain(folder);
  const spec = JSON.parse(readFileSync(join(folder, "kernel.json"), "utf8"));
  expect(spec.argv).toEqual([process.execPath, join(folder, "launch.cjs"), "{connection_file}"]);

  const listed = await kernel("list");
  const version = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;
  expect(listed.out).toContain(
    `${folder}\n    starts the project around the notebook, else peftlab ${version} in ${root}; current\n`,
  );
  expect(listed.out).toContain(
    `${kernelFolder}\n    starts peftlab ${version} in ${root}; current\n`,
  );

  // As a Jupyter outside does, which does not look in the environment first.
  const cell = "const half: number = 21; [half * 2, process.cwd(), process.argv[1]].join('\\n')";
  const answer = execFileSync(python, ["-c", conversation, home, cell], {
    env: { ...process.env, ...environment(), JUPYTER_PREFER_ENV_PATH: "0" },
    encoding: "utf8",
  });
  expect(JSON.parse(answer)).toEqual([["42", home, spec.argv[1]].join("\n")]);

  expect((await kernel("install", "--user")).status).toBe(0);
  expect((await kernel("uninstall")).out).toBe(`Removed ${folder}\n`);
  expect(readdirSync(kernels)).toEqual([]);
  expect((await kernel("uninstall")).out).toContain("not installed");
  expect((await kernel("list")).out).toContain("Not installed for you");
});

it("says what an installation lacks", async () => {
  await kernel("install", "--user");
  const file = join(kernels, "peftlab", "kernel.json");
  const written = readFileSync(file, "utf8");
  writeFileSync(join(kernels, "peftlab", ".peftlab.json"), '{"launcher": "older"}');
  expect((await kernel("list")).out).toContain("not current: its launcher is of another version; ");
  writeFileSync(file, written.replace(process.execPath, "/gone/node"));
  expect((await kernel("list")).out).toContain("not current: its Node, /gone/node, is gone; ");
  writeFileSync(file, written.replaceAll(JSON.stringify(root), '"/gone/project"'));
  expect((await kernel("list")).out).toContain(
    "not current: there is no kernel in /gone/project; ",
  );
  // Another clone's installation is ours to replace, aloud.
  const again = await kernel("install", "--user");
  expect(again.out).toContain("Elsewhere it was that of /gone/project.");
  expect((await kernel("list")).out).not.toContain("not current");
});

describe("a name that is another's", () => {
  it.each(["peftlab", "PeftLab"])("is refused and left alone: %s", async (name) => {
    const folder = another(name);
    for (const args of [["install", "--user"], ["uninstall"]]) {
      const { status, err } = await kernel(...args);
      expect(status).toBe(1);
      expect(err).toContain(`belongs to another kernel: "Other" in ${folder}`);
      expect(err).toContain("Rename or remove that folder");
    }
    expect(readdirSync(folder)).toEqual(["kernel.json"]);
    expect((await kernel("list")).out).toContain(`${folder}\n    another's: Other\n`);
  });

  it("is refused too where Jupyter looks first, and where there is no kernel.json", async () => {
    const first = join(home, "first");
    mkdirSync(join(first, "kernels", "peftlab"), { recursive: true });
    const { status, err } = await command(["kernel", "install", "--user"], {
      ...environment(),
      JUPYTER_PATH: first,
    });
    expect(status).toBe(1);
    expect(err).toContain(join(first, "kernels", "peftlab"));
    expect(existsSync(join(kernels, "peftlab"))).toBe(false);
  });
});

it("does not replace or remove the kernel of a project's own environment", async () => {
  const own = { ...environment(), JUPYTER_DATA_DIR: join(root, ".venv", "share", "jupyter") };
  for (const args of [["install", "--user"], ["uninstall"]]) {
    const { status, err } = await command(["kernel", ...args], own);
    expect(status).toBe(1);
    expect(err).toContain("is the kernel of");
    expect(err).toContain("env -u JUPYTER_DATA_DIR");
  }
  expect(existsSync(join(kernelFolder, "main.cjs"))).toBe(true);
});

it("says where it cannot write, and what to do", async () => {
  const file = join(home, "file");
  writeFileSync(file, "");
  const place = { ...environment(), JUPYTER_DATA_DIR: file };
  const { status, err } = await command(["kernel", "install", "--user"], place);
  expect(status).toBe(1);
  expect(err).toContain(`${join(file, "kernels", "peftlab")} cannot be written: ENOTDIR`);
  expect(err).toContain("JUPYTER_DATA_DIR");
});

it("wants to be told that it is for the user", async () => {
  const { status, err } = await kernel("install");
  expect(status).toBe(1);
  expect(err).toContain("'--user' not specified");
});
