import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadTokenizer } from "../../../src/models";
import { onnxruntimeFolder } from "../../peers/onnxruntime";
import type { EvaluateWork, Measurement } from "../work";
import { peakBytes } from "./process";

/** What is used of onnxruntime-node, which is no package of the project. */
interface Onnxruntime {
  readonly env: { readonly versions: { readonly node?: string; readonly common: string } };
  readonly InferenceSession: {
    create(file: string, options: object): Promise<{ run(inputs: object): Promise<Outputs> }>;
  };
  readonly Tensor: new (type: string, data: BigInt64Array, dims: readonly number[]) => unknown;
}
type Outputs = { readonly logits: { readonly data: Float32Array } };

/** onnxruntime's side of evaluation, on the model that export.py wrote: padded batches, all its graph optimisations. */
export async function measureOnnxruntime(work: EvaluateWork, file: string): Promise<Measurement> {
  const onnxruntime: Onnxruntime = createRequire(join(onnxruntimeFolder, "package.json"))(
    "onnxruntime-node",
  );
  const threads = availableParallelism();
  const session = await onnxruntime.InferenceSession.create(file, {
    graphOptimizationLevel: "all",
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const tokenizer = loadTokenizer(work.model);
  const rows = work.rows
    .map(({ text, pair }) => tokenizer.encode(text, pair, work.maxTokens))
    .sort((a, b) => a.ids.length - b.ids.length);
  const milliseconds: number[] = [];
  let logits: number[] = [];
  for (const size of work.batches) {
    const batches = Array.from({ length: Math.ceil(rows.length / size) }, (_, at) =>
      pad(onnxruntime, rows.slice(at * size, (at + 1) * size)),
    );
    for (let pass = 0; pass <= work.passes; pass++) {
      const began = performance.now();
      logits = [];
      for (const batch of batches) logits.push(...(await session.run(batch)).logits.data);
      if (pass > 0) milliseconds.push(performance.now() - began);
    }
  }
  return {
    milliseconds,
    peakBytes: peakBytes(),
    trainable: 0,
    check: logits.reduce((a, b) => a + b, 0) / logits.length,
    threads,
    versions: {
      node: process.versions.node,
      onnxruntime: onnxruntime.env.versions.node ?? onnxruntime.env.versions.common,
    },
  };
}

/** To the longest row, which is the last. */
function pad(
  { Tensor }: Onnxruntime,
  rows: readonly { ids: readonly number[]; types: readonly number[] }[],
) {
  const width = rows.at(-1)!.ids.length;
  const matrix = (values: (row: (typeof rows)[number]) => readonly number[]) => {
    const data = new BigInt64Array(rows.length * width);
    for (const [at, row] of rows.entries()) data.set(values(row).map(BigInt), at * width);
    return new Tensor("int64", data, [rows.length, width]);
  };
  return {
    input_ids: matrix(({ ids }) => ids),
    token_type_ids: matrix(({ types }) => types),
    attention_mask: matrix(({ ids }) => ids.map(() => 1)),
  };
}

if (require.main === module) {
  const { values } = parseArgs({
    options: { work: { type: "string" }, model: { type: "string" } },
  });
  measureOnnxruntime(JSON.parse(readFileSync(values.work!, "utf8")), values.model!).then(
    (measurement) => console.log(JSON.stringify(measurement)),
  );
}
