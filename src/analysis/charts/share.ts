import type { RunRecord } from "../../experiments/types";
import type { Chart } from "../chart";
import { percent } from "../text";
import { scoresAgainst } from "./scores";

/**
 * Test score against the share of all numbers of encoder and head that was trained. The head trains in every method:
 * a dotted line stands where it alone does.
 */
export function scoreAgainstShare(records: readonly RunRecord[]): Chart {
  const share = ({ trainable, total }: RunRecord) => trainable / total;
  const least = Math.min(1, ...records.map(share));
  return scoresAgainst(records, {
    name: "trained share",
    axis: "Trained share of all parameters",
    of: share,
    format: percent,
    range: [least / 2, 1.6],
    marks: (own) => {
      const { head, total } = own[0]!;
      return [{ name: "Share of the head alone", at: head.trainable / total }];
    },
  });
}
