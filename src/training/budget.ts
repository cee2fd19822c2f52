import type { BatchShape } from "../engine";

/** Seconds of one training step by batch shape, `<rows>x<tokens>`. */
export type StepCosts = Readonly<Record<string, number>>;

/** The name of a batch shape in a calibration. */
export function shapeName({ batch, tokens }: BatchShape): string {
  return `${batch}x${tokens}`;
}

/** Steps of a budget in epochs; part of an epoch is possible, and one step the least. */
export function stepsOfEpochs(epochs: number, batchesPerEpoch: number): number {
  return Math.max(1, Math.round(epochs * batchesPerEpoch));
}

/**
 * Steps that fit into a budget in seconds: the batches of the run in their order, each at the cost of its shape.
 * One step the least.
 *
 * @throws when a shape has no cost
 */
export function stepsOfSeconds(
  seconds: number,
  batchAt: (step: number) => { readonly shape: BatchShape },
  costs: StepCosts,
): number {
  let spent = 0;
  for (let step = 0; ; step++) {
    const name = shapeName(batchAt(step).shape);
    const cost = costs[name];
    if (cost === undefined || !(cost > 0))
      throw new Error(`The calibration has no cost for ${name}.`);
    spent += cost;
    // The sum of many small costs may miss its end by rounding.
    if (spent > seconds * (1 + 1e-9)) return Math.max(1, step);
  }
}
