// Prints digests of what every kernel computes, and of a training run, as one line of JSON; run by repeatable.test.ts.
import { createHash } from "node:crypto";
import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import { compile, device, ops, type StepDefinition, tf } from "../../src/engine";
import { apply, normal, rowsOf } from "./forms";
import { batch, transformer } from "./small";

function digest(tensors: Iterable<Float32Array>): string {
  const hash = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of tensors)
    hash.update(Buffer.from(buffer, byteOffset, byteLength));
  return hash.digest("hex").slice(0, 16);
}

const rows = rowsOf([150, 3, 64, 65, 1, 90, 17, 200]);
const random = () => {
  let calls = 0;
  return { seed: tf.tensor1d([7, 3], "int32"), next: () => calls++ };
};
const kernels: Readonly<Record<string, readonly [number[][], (...xs: Tensor[]) => Tensor]>> = {
  attention: [
    [1, 2, 3].map(() => [rows.tokens, 48]),
    (q, k, v) => ops.attention(q!, k!, v!, rows, { heads: 4, rate: 0.1, random: random() }),
  ],
  gelu: [[[300, 401]], (x) => ops.gelu(x!)],
  dropout: [[[300, 401]], (x) => ops.dropout(x!, 0.1, random())],
  "layer norm": [
    [[300, 130], [300, 130], [130], [130]],
    (x, residual, gamma, beta) =>
      ops.layerNorm(x!, gamma!, beta!, {
        epsilon: 1e-12,
        residual: residual!,
        rate: 0.1,
        random: random(),
      }),
  ],
};

const digests: Record<string, string> = { threads: String(device().threads) };
for (const [name, [shapes, f]] of Object.entries(kernels))
  tf.tidy(() => {
    const { value, gradients } = apply(
      f,
      shapes.map((shape, i) => normal(shape, i + 1)),
    );
    digests[name] = digest([value, ...gradients].map((x) => x.dataSync() as Float32Array));
  });

/** Trains a step for four batches. */
function train(definition: StepDefinition): string {
  const step = compile(definition);
  const losses = [1, 2, 3, 4].map((seed) =>
    step.train(batch(60, seed, 3), { learningRate: 1e-3, seed: 5 }),
  );
  const { parameters, slots } = step.state();
  step.dispose();
  const values = [...parameters.values(), ...slots.values()].map(({ data }) => data);
  return digest([Float32Array.from(losses), ...values]);
}

digests.training = train(transformer({ rate: 0.1 }));
console.log(JSON.stringify(digests));
