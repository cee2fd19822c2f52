import { setImmediate as nextTurn } from "node:timers/promises";
import type { Step } from "../engine";
import { restore, type Standardisation } from "../glue/targets";
import type { Task } from "../glue/types";
import { evaluationBatches } from "./batches";
import type { Examples } from "./examples";
import { DivergenceError } from "./loop";

/**
 * What a model gives for each row, dropout off. Gives way to other work between batches.
 *
 * @param onBatch told after each batch how many rows are done; what it throws ends the evaluation
 * @returns one array of the model's outputs a row, in the rows' order
 * @throws DivergenceError when an output is NaN or infinite
 */
export async function outputsOf(
  step: Pick<Step, "evaluate">,
  examples: Examples,
  onBatch?: (rows: number) => void,
): Promise<Float32Array[]> {
  const outputs: Float32Array[] = new Array(examples.lengths.length);
  let done = 0;
  for (const rows of evaluationBatches(examples.lengths)) {
    await nextTurn();
    const { data, shape } = step.evaluate(examples.feed(rows)).logits!;
    const width = shape[1]!;
    rows.forEach((row, at) => {
      outputs[row] = data.slice(at * width, (at + 1) * width);
    });
    if (!data.every(Number.isFinite)) throw new DivergenceError("An output is NaN or infinite.");
    done += rows.length;
    onBatch?.(done);
  }
  return outputs;
}

/** What outputs say: the index of the largest logit, or the score on the task's own scale. */
export function decide(
  target: Task["target"],
  outputs: readonly Float32Array[],
  standardisation: Standardisation | null,
): number[] {
  if (target.kind === "classes")
    return outputs.map((logits) => logits.indexOf(Math.max(...logits)));
  return outputs.map(([value]) => (standardisation ? restore(value!, standardisation) : value!));
}
