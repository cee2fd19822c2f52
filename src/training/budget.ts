/** What a training step costs, in seconds: `step + token × its tokens`. */
export interface StepCosts {
  readonly step: number;
  readonly token: number;
}

/** Steps of a budget in epochs; part of an epoch is possible, and one step the least. */
export function stepsOfEpochs(epochs: number, batchesPerEpoch: number): number {
  return Math.max(1, Math.round(epochs * batchesPerEpoch));
}

/**
 * Steps that fit into a budget in seconds: the batches of the run in their order, each at the cost of its tokens. One
 * step the least.
 *
 * @param tokensAt tokens of the batch of a 0-based step
 * @throws when steps cost nothing
 */
export function stepsOfSeconds(
  seconds: number,
  tokensAt: (step: number) => number,
  costs: StepCosts,
): number {
  let spent = 0;
  for (let step = 0; ; step++) {
    const cost = costs.step + costs.token * tokensAt(step);
    if (!(cost > 0))
      throw new Error(
        `The calibration says that a step of ${tokensAt(step)} tokens costs ${cost} s.`,
      );
    spent += cost;
    // The sum of many small costs may miss its end by rounding.
    if (spent > seconds * (1 + 1e-9)) return Math.max(1, step);
  }
}

/**
 * The costs that fit measured steps best, by least squares; neither is negative.
 *
 * @param samples of one size at least
 */
export function fitCosts(
  samples: readonly { readonly tokens: number; readonly seconds: number }[],
): StepCosts {
  const mean = (of: (sample: (typeof samples)[number]) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [tokens, seconds] = [mean((s) => s.tokens), mean((s) => s.seconds)];
  const spread = mean((s) => (s.tokens - tokens) ** 2);
  const slope = spread > 0 ? mean((s) => (s.tokens - tokens) * (s.seconds - seconds)) / spread : 0;
  if (slope <= 0) return rounded({ step: seconds, token: 0 });
  if (slope * tokens > seconds)
    return rounded({
      step: 0,
      token: mean((s) => s.tokens * s.seconds) / mean((s) => s.tokens ** 2),
    });
  return rounded({ step: seconds - slope * tokens, token: slope });
}

/** Microseconds a step, nanoseconds a token: more digits than that are noise. */
function rounded({ step, token }: StepCosts): StepCosts {
  return { step: Math.round(step * 1e6) / 1e6, token: Math.round(token * 1e9) / 1e9 };
}
