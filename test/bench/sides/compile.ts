import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { compile, device } from "../../../src/engine";
import type { CompileCost, StepsWork } from "../work";
import { definitionOf, modelOf } from "./model";
import { packed, rate, targets } from "./peftlab";
import { peakBytes, resetPeak } from "./process";

/**
 * What a new step costs before it trains at full speed: recording, building and loading it, and by how much the first
 * step of each of the work's batches, which all differ in size, takes longer than a later one of that size.
 */
export function measureCompile(work: StepsWork): CompileCost {
  const model = modelOf(work);
  const feeds = work.batches.map((rows) => {
    const all = [...rows.keys()];
    const labels = rows.map(({ target }) => target);
    return { ...packed(rows).feed(all), ...targets(work, labels, all) };
  });
  const began = performance.now();
  const step = compile(definitionOf(work, model));
  const build = performance.now() - began;
  const seconds = (feed: (typeof feeds)[number]) => {
    const start = performance.now();
    step.train(feed, rate(work));
    return performance.now() - start;
  };
  const first = feeds.map(seconds);
  const peak = peakBytes();
  const known = resetPeak();
  const later = feeds.map((feed) =>
    Math.min(...Array.from({ length: work.steps }, () => seconds(feed))),
  );
  const { tensorflow } = device();
  return {
    milliseconds: {
      build,
      firstSteps: first.reduce((sum, one, at) => sum + one - later[at]!, 0),
    },
    peakBytes: known ? { first: peak, later: peakBytes() } : null,
    versions: { node: process.versions.node, tensorflow },
  };
}

if (require.main === module) {
  const { values } = parseArgs({ options: { work: { type: "string" } } });
  console.log(JSON.stringify(measureCompile(JSON.parse(readFileSync(values.work!, "utf8")))));
}
