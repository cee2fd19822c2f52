import type { RunRecord } from "../../experiments/types";
import type { Chart } from "../chart";
import { scoresAgainst } from "./scores";

/** Test score against the seconds that its training steps took, evaluation and compiling left out. */
export function scoreAgainstSeconds(records: readonly RunRecord[]): Chart {
  return scoresAgainst(records, {
    name: "training time",
    axis: "Training steps, seconds",
    of: ({ seconds }) => seconds,
    format: (seconds) => String(Number(seconds.toPrecision(3))),
  });
}
