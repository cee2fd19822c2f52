import type { Method } from "./method";

/**
 * Head only, the control below every method: the encoder is frozen and serves as a feature extractor (Peters, Ruder
 * and Smith 2019). Whatever a method gains over this, it gains within the encoder.
 */
export function headOnly(): Method {
  return {
    name: "head-only",
    settings: {},
    learningRate: 2e-3,
    trains: () => false,
    adds: () => [],
  };
}
