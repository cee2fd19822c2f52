import type { Tensor } from "@tensorflow/tfjs-node-gpu";
import type { Randomness } from "./types";

/** Randomness for one run of a step function. `seed` is int32 `[2]`: the run's seed, the step. */
export function randomness(seed: Tensor): Randomness {
  let calls = 0;
  return { seed, next: () => calls++ };
}
