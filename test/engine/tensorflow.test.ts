import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { device } from "../../src/engine";
import { graphicsCard } from "../../src/engine/graphics-card";

afterEach(() => {
  delete process.env.PEFTLAB_DEVICE;
  vi.unstubAllEnvs();
});

test("the device is named, with its threads and TensorFlow's version", () => {
  const { kind, name, threads, tensorflow } = device();
  expect(["cpu", "gpu"]).toContain(kind);
  expect(name).not.toBe("");
  expect(threads).toBeGreaterThan(0);
  expect(tensorflow).toMatch(/^2\.\d+\.\d+$/);
});

test("a GPU that is asked for and not there is an error", () => {
  const { kind } = device();
  process.env.PEFTLAB_DEVICE = "gpu";
  if (kind === "gpu") expect(device().kind).toBe("gpu");
  else expect(() => device()).toThrow(/PEFTLAB_DEVICE=gpu.*npm run doctor/);
});

test("a graphics card is the driver's first, with its memory", () => {
  const folder = mkdtempSync(join(tmpdir(), "peftlab-driver-"));
  const answer = (script: string) => {
    writeFileSync(join(folder, "nvidia-smi"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "nvidia-smi"), 0o755);
    vi.stubEnv("PATH", [folder, process.env.PATH].join(delimiter));
    return graphicsCard();
  };
  try {
    // As the driver answers: it refuses any other question.
    const asked =
      '[ "$*" = "--query-gpu=name,memory.total --format=csv,noheader,nounits" ] || exit 2';
    const cards = "NVIDIA H100 80GB HBM3, 81559\nNVIDIA L4, 23034";
    expect(answer(`${asked}\nprintf '${cards}\n'`)).toEqual({
      name: "NVIDIA H100 80GB HBM3",
      memory: 81559,
    });
    expect(answer("echo 'NVIDIA-SMI has failed'; exit 9")).toEqual({ name: "GPU" });
    vi.stubEnv("PATH", "");
    expect(graphicsCard()).toEqual({ name: "GPU" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("loading and computing writes nothing on stderr; threads that the user set are kept", () => {
  const script = `
    const { device, tf } = require(${JSON.stringify(resolve("src/engine"))});
    tf.tidy(() => tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])).dataSync());
    console.log(device().threads, process.env.TF_SYNC_ON_FINISH);`;
  // Loading TensorFlow here has set what this process hands on.
  const env = { ...process.env, TF_NUM_INTRAOP_THREADS: "1", TF_SYNC_ON_FINISH: undefined };
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--require", "tsx/cjs", "--eval", script],
    { encoding: "utf8", env },
  );
  expect(stderr).toBe("");
  expect(stdout.trim()).toBe("1 0");
});
