import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, it } from "vitest";
import { python, root } from "../../src/setup/paths";
import { makeWheel, onlyIndex, type PackageIndex, packageIndex } from "./package-index";
import { temporaryFolder } from "./temporary";

let index: PackageIndex | undefined;

afterEach(async () => {
  await index?.close();
  index = undefined;
});

async function scene(options: { credentials?: string } = {}) {
  const made = makeWheel(temporaryFolder(), "pip", "99.1", { "pip/__init__.py": "" });
  index = await packageIndex([made.path], options);
  return { ...made, url: index.url };
}

/** What the script prints: the wheel's path, or its complaint. */
async function fetchPip(sha256: string, variables: Readonly<Record<string, string>>) {
  const script = join(root, "src/setup/fetch_pip.py");
  const env = { PATH: process.env.PATH, HOME: temporaryFolder(), ...variables };
  const call = promisify(execFile)(python, ["-I", script, "99.1", sha256, temporaryFolder()], {
    env,
  });
  return call.then(
    ({ stdout }) => stdout.trim(),
    (error: { stderr: string }) => Promise.reject(new Error(error.stderr)),
  );
}

it("takes the wheel from the index that a variable names", async () => {
  const { path, wheel, url } = await scene();
  const fetched = await fetchPip(wheel.sha256, onlyIndex(url));
  expect(readFileSync(fetched)).toEqual(readFileSync(path));
});

it("takes it from the index that the user's pip.conf names, with credentials", async () => {
  const { path, wheel, url } = await scene({ credentials: "ada:s e" });
  const home = temporaryFolder();
  const file = join(home, ".config", "pip", "pip.conf");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `[global]\nindex-url = ${url.replace("//", "//ada:s%20e@")}\n`);
  const fetched = await fetchPip(wheel.sha256, { HOME: home, no_proxy: "127.0.0.1" });
  expect(readFileSync(fetched)).toEqual(readFileSync(path));
});

it("takes it from an extra index, and from a folder of wheels", async () => {
  const { path, wheel, url } = await scene();
  const empty = await packageIndex([]);
  const extra = { ...onlyIndex(empty.url), PIP_EXTRA_INDEX_URL: url };
  expect(readFileSync(await fetchPip(wheel.sha256, extra))).toEqual(readFileSync(path));
  const folder = { ...onlyIndex(""), PIP_NO_INDEX: "1", PIP_FIND_LINKS: dirname(path) };
  expect(readFileSync(await fetchPip(wheel.sha256, folder))).toEqual(readFileSync(path));
  await empty.close();
});

it("goes through the proxy that is set", async () => {
  const { wheel, url } = await scene();
  // A proxy is asked for the whole address; this one serves it as its own.
  const proxy = url.replace("/simple", "");
  const settings = {
    ...onlyIndex("http://registry.invalid/simple"),
    no_proxy: "",
    PIP_PROXY: proxy,
  };
  await expect(fetchPip(wheel.sha256, settings)).rejects.toThrow(/404/);
  expect(index?.requests[0]).toBe("http://registry.invalid/simple/pip/");
});

it("does not use a file with another hash", async () => {
  const { url } = await scene();
  await expect(fetchPip("0".repeat(64), onlyIndex(url))).rejects.toThrow(/has the wrong hash/);
});

it("tells every address that it could not read, without the credentials", async () => {
  const settings = onlyIndex("http://ada:secret@127.0.0.1:9/simple");
  const complaint = await fetchPip("0".repeat(64), settings).catch((error: Error) => error.message);
  expect(complaint).toMatch(/127\.0\.0\.1:9\/simple\/pip\/: .*refused/i);
  expect(complaint).not.toContain("secret");
});
