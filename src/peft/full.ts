import type { Method } from "./method";

/**
 * Full fine-tuning (Devlin et al. 2019): every parameter of the encoder trains.
 *
 * With the head `frozen-pooler` the pooler counts as one more layer of the encoder, and trains as well.
 */
export function full(): Method {
  return {
    name: "full",
    settings: {},
    learningRate: 5e-5,
    trains: () => true,
    adds: () => [],
  };
}
