import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { root } from "../../src/setup/paths";

/** Loads danfo and the engine in the given order in a process of its own, and says what is there then. */
function loaded(order: readonly string[]) {
  const program = `
    for (const module of ${JSON.stringify(order)}) require(module);
    const { tf } = require("./src/engine");
    const { DataFrame } = require("./src/analysis/danfo");
    const mean = new DataFrame([{ a: 1 }, { a: 3 }])["a"].mean();
    const files = Object.keys(require.cache);
    const count = (pattern) => new Set(files.map((file) => pattern.exec(file)?.[0]).filter(Boolean)).size;
    process.stdout.write(JSON.stringify({
      mean,
      backend: tf.getBackend(),
      tensors: tf.memory().numTensors,
      cores: count(/^.*node_modules.@tensorflow.tfjs-core(?=.)/),
      addons: count(/^.*tfjs_binding\\.node$/),
    }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--require", "tsx/cjs", "-e", program], {
    cwd: root,
    encoding: "utf8",
  });
  return { stdout, stderr };
}

it.each([[["./src/engine", "./src/analysis/danfo"]], [["./src/analysis/danfo", "./src/engine"]]])(
  "shares the project's one TensorFlow, silently: %s",
  (order) => {
    const { stdout, stderr } = loaded(order);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      mean: 2,
      backend: "tensorflow",
      tensors: 0,
      cores: 1,
      addons: 1,
    });
  },
);
