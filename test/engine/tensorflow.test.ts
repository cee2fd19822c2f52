import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { afterEach, expect, test } from "vitest";
import { device } from "../../src/engine";

afterEach(() => {
  delete process.env.PEFTLAB_DEVICE;
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

test("loading and computing writes nothing on stderr; threads that the user set are kept", () => {
  const script = `
    const { device, tf } = require(${JSON.stringify(resolve("src/engine"))});
    tf.tidy(() => tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])).dataSync());
    console.log(device().threads);`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--require", "tsx/cjs", "--eval", script],
    { encoding: "utf8", env: { ...process.env, TF_NUM_INTRAOP_THREADS: "1" } },
  );
  expect(stderr).toBe("");
  expect(stdout.trim()).toBe("1");
});
