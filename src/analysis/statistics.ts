import { mean, sampleStandardDeviation } from "simple-statistics";
import type { MetricName } from "../glue/types";

/** What some values have in common. `null` where there is none: no value, or the deviation of a single one. */
export interface Summary {
  /** Values, undefined ones included. */
  readonly count: number;
  /** Undefined ones (the correlation of a constant prediction): 0 in all that follows. */
  readonly undefined: number;
  readonly mean: number | null;
  /** Sample standard deviation, over count - 1. */
  readonly deviation: number | null;
  readonly min: number | null;
  readonly max: number | null;
}

/** `null` stands for an undefined score, see `Scores`. */
export function summarize(values: readonly (number | null)[]): Summary {
  const numbers = values.map((value) => value ?? 0);
  const [some, several] = [numbers.length > 0, numbers.length > 1];
  return {
    count: values.length,
    undefined: values.filter((value) => value === null).length,
    mean: some ? mean(numbers) : null,
    deviation: several ? sampleStandardDeviation(numbers) : null,
    min: some ? Math.min(...numbers) : null,
    max: some ? Math.max(...numbers) : null,
  };
}

/**
 * Standard error of one score from the number of rows it was measured on: what another test set of that size would
 * change. Accuracy: binomial. Pearson's and Spearman's correlation: `(1 - r²) / sqrt(n - 1)`, large samples of a
 * normal. Matthews: the large-sample error of phi for equal margins (Bishop, Fienberg and Holland 1975, eq. 11.3-18).
 * F1 has none here, since it takes the whole confusion matrix.
 *
 * @param positives share of the rows in class 1; Matthews only
 */
export function samplingError(
  metric: Exclude<MetricName, "f1">,
  score: number,
  { rows, positives = 0.5 }: { readonly rows: number; readonly positives?: number },
): number {
  if (metric === "accuracy") return Math.sqrt((score * (1 - score)) / rows);
  if (metric !== "matthews") return (1 - score ** 2) / Math.sqrt(rows - 1);
  const skew = (2 * positives - 1) ** 2 / (positives * (1 - positives));
  return Math.sqrt((1 - score ** 2 + skew * score * (1 - score) * (1 - score / 2)) / rows);
}
