import {
  type EncoderConfig,
  embeddingNames,
  encoderShapes,
  type LinearSite,
  layerNames,
  loadTokenizer,
} from "../../src/models";
import type { Method } from "../../src/peft";
import { adapterName } from "../../src/peft/bottleneck";
import { configOf } from "./make-work";
import { methodOf } from "./sides/model";
import type { Work } from "./work";

/**
 * Floating point operations in the matrix products of one training step, as this project computes it: two a
 * multiply-add. With T tokens in R rows of lengths l, width d and inner width f, a layer's products forward are
 *
 *     4 d² T + 2 d f T of its linear maps, and 2 d Σ l² of attention;
 *
 * of the last layer only what each row's first token needs: 2 d² T (keys, values) + (2 d² + 2 d f) R, and 2 d Σ l. The
 * head has d² R + d o R for o outputs. Backward each product costs as much again for each of its two factors whose
 * gradient is needed: that of a weight if it trains, that of a state if anything before it trains. A method's own
 * products, with low rank or bottleneck, count in the same way.
 *
 * @param lengths tokens of each row
 */
export function stepFlops(
  config: EncoderConfig,
  method: Method,
  outputs: number,
  lengths: readonly number[],
): number {
  const { hiddenSize: d, intermediateSize: f, layers } = config;
  const rows = lengths.length;
  const tokens = sum(lengths);
  const own = ownShapes(config, method);
  let multiplyAdds = 0;
  /** Whether anything trains in what the next product reads. */
  let before = [
    embeddingNames.words,
    embeddingNames.positions,
    embeddingNames.types,
    `${embeddingNames.norm}.weight`,
    `${embeddingNames.norm}.bias`,
  ].some(method.trains);

  const product = (of: number, first: boolean, second: boolean) => {
    multiplyAdds += of * (1 + Number(first) + Number(second));
  };
  const trains = (name: string) => method.trains(`${name}.weight`) || method.trains(`${name}.bias`);
  /** A linear map, with LoRA's beside it; gives whether anything trains in its output. */
  const linear = (name: string, of: number, inputs: number, results: number): boolean => {
    product(of * inputs * results, before, method.trains(`${name}.weight`));
    const rank = own.get(`${name}.lora_A.weight`)?.[0];
    if (rank === undefined) return before || trains(name);
    product(of * inputs * rank, before, true);
    product(of * rank * results, true, true);
    return true;
  };
  const adapter = (name: string, of: number) => {
    const size = own.get(`${name}.down.weight`)?.[0];
    if (size === undefined) return;
    product(of * d * size, before, true);
    product(of * size * d, true, true);
    before = true;
  };

  for (let layer = 0; layer < layers; layer++) {
    const last = layer === layers - 1;
    const own = last ? rows : tokens;
    const names = layerNames(layer);
    const map = (site: LinearSite, of: number, inputs: number, results: number) =>
      linear(names[site], of, inputs, results);
    const query = map("query", own, d, d);
    const key = map("key", tokens, d, d);
    const value = map("value", tokens, d, d);
    const pairs = last ? tokens : sum(lengths.map((length) => length ** 2));
    product(d * pairs, query, key);
    product(d * pairs, query || key, value);
    before = query || key || value;
    before = map("attention.output", own, d, d);
    adapter(adapterName(layer, "attention.output"), own);
    before ||= trains(names["attention.norm"]);
    before = map("intermediate", own, d, f);
    before = map("output", own, f, d);
    adapter(adapterName(layer, "output"), own);
    before ||= trains(names["output.norm"]);
  }
  product(d * d * rows, before, true);
  product(d * outputs * rows, true, true);
  return 2 * multiplyAdds;
}

/** Shapes of a method's own parameters by name. */
function ownShapes(config: EncoderConfig, method: Method): Map<string, readonly number[]> {
  const base = new Map(
    [...encoderShapes(config)].map(([name, shape]) => [name, { shape, data: new Float32Array(0) }]),
  );
  return new Map(method.adds(config, base).map(({ name, shape }) => [name, shape]));
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** Of one of our steps, see `stepFlops`; null where the work is no training of an encoder. */
export function gigaflopOf(work: Work): number | null {
  if ((work.kind !== "steps" && work.kind !== "epoch") || work.method === "head-only") return null;
  const config = configOf(work.model);
  const method = methodOf(work, config.layers);
  const tokenizer = work.kind === "epoch" ? loadTokenizer(work.model) : undefined;
  const lengths =
    work.kind === "steps"
      ? work.batches.map((rows) => rows.map(({ ids }) => ids.length))
      : work.batches.map((rows) =>
          rows.map((row) => {
            const { text, pair } = work.rows[row]!;
            return tokenizer!.encode(text, pair, work.maxTokens).ids.length;
          }),
        );
  const all = lengths.map((rows) => stepFlops(config, method, work.classifier.length, rows));
  return all.reduce((a, b) => a + b, 0) / all.length / 1e9;
}
