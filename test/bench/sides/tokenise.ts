import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { loadTokenizer } from "../../../src/models";
import type { Measurement, TokeniseWork } from "../work";
import { peakBytes } from "./process";

/** Our tokenizer over all texts, as tokenise.py has Python's do it. */
export function measureTokenise({ model, maxTokens, rows, passes }: TokeniseWork): Measurement {
  const tokenizer = loadTokenizer(model);
  const milliseconds: number[] = [];
  let [sum, count] = [0, 0];
  for (let pass = 0; pass <= passes; pass++) {
    const began = performance.now();
    const encodings = rows.map(({ text, pair }) => tokenizer.encode(text, pair, maxTokens));
    if (pass > 0) milliseconds.push(performance.now() - began);
    [sum, count] = [0, 0];
    for (const { ids } of encodings) {
      count += ids.length;
      for (const id of ids) sum += id;
    }
  }
  return {
    milliseconds,
    peakBytes: peakBytes(),
    trainable: 0,
    check: sum / count,
    threads: 1,
    versions: { node: process.versions.node },
  };
}

if (require.main === module) {
  const { values } = parseArgs({ options: { work: { type: "string" } } });
  console.log(JSON.stringify(measureTokenise(JSON.parse(readFileSync(values.work!, "utf8")))));
}
