// A program for signals.test.ts: computes until it has heard many signals, by a compiled step or op by op.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { compile, ops, type StepDefinition, tf } from "../../src/engine";

const width = 384;
/** Of so few oneDNN makes the product in one thread, in whose kernel the stack pointer is not the stack's. */
const tokens = 200;
const signals = 500;

const definition: StepDefinition = {
  parameters: new Map([
    ["weight", { shape: [width, width], data: new Float32Array(width * width).fill(0.01) }],
  ]),
  groups: [{ names: ["weight"], rate: 1, decay: 0 }],
  optimizer: { kind: "sgd", clip: null },
  inputs: () => ({ x: { shape: [tokens, width], dtype: "float32" } }),
  loss: ({ weight }, { x }) => tf.mean(tf.square(ops.linear(x!, weight!))),
  predict: ({ weight }, { x }) => ({ y: ops.linear(x!, weight!) }),
};

async function main(): Promise<void> {
  let heard = 0;
  process.on("SIGUSR2", () => heard++);
  const sender = spawn("/bin/sh", ["-c", `while kill -USR2 ${process.pid}; do sleep 0.001; done`], {
    stdio: "ignore",
  });
  await once(sender, "spawn");
  const step = compile(definition);
  const feed = { x: new Float32Array(tokens * width).fill(0.1) };
  const [x, weight] = [tf.ones([tokens, width]), tf.ones([width, width])];
  const compute: Record<string, () => void> = {
    step: () => step.train(feed, { learningRate: 1e-3, seed: 1 }),
    ops: () => ops.linear(x, weight).dispose(),
  };
  while (heard < signals) {
    for (let i = 0; i < 20; i++) compute[process.argv[2]!]!();
    await delay(0);
  }
  step.dispose();
  sender.kill();
}

main();
