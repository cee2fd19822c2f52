import { mean, sampleStandardDeviation } from "simple-statistics";
import { methods, type ParityRecord, sides } from "./record";

/** What the two sides may differ by, in points, and what each must reach. */
export const bounds = {
  /** Difference of the means. */
  points: 2,
  /** Difference of the means, in standard errors of that difference. */
  standardErrors: 2.5,
  /** Each mean accuracy above the majority class's. */
  aboveFloor: 3,
} as const;

export const metrics = ["accuracy", "f1"] as const;
type Metric = (typeof metrics)[number];

export interface Side {
  readonly mean: number;
  /** Sample standard deviation over the seeds. */
  readonly deviation: number;
  readonly values: readonly number[];
}

export interface Row {
  readonly method: ParityRecord["method"];
  readonly metric: Metric;
  readonly pytorch: Side;
  readonly peftlab: Side;
  /** Ours less PyTorch's, in points. */
  readonly difference: number;
  /** Of the difference, the sides taken as independent samples (Welch). */
  readonly standardError: number;
  /** Which bounds fail, in words. */
  readonly failures: readonly string[];
}

/**
 * Both sides beside each other, a row a method and metric.
 *
 * @param floor accuracy of the majority class, in percent
 * @throws when the sides lack a record or did not train the same
 */
export function compareSides(
  records: readonly ParityRecord[],
  options: { readonly seeds: readonly number[]; readonly floor: number },
): Row[] {
  return methods.flatMap((method) => {
    const [pytorch, peftlab] = sides.map((side) =>
      options.seeds.map((seed) => {
        const found = records.find(
          (r) => r.side === side && r.method === method && r.seed === seed,
        );
        if (!found) throw new Error(`there is no record of ${side}, ${method}, seed ${seed}`);
        return found;
      }),
    ) as [ParityRecord[], ParityRecord[]];
    for (const what of ["trainable", "steps"] as const) {
      const values = new Set([...pytorch, ...peftlab].map((r) => r[what]));
      if (values.size > 1)
        throw new Error(`${method}: ${what} differs between records: ${[...values].join(", ")}`);
    }
    return metrics.map((metric) => compare(method, metric, { pytorch, peftlab }, options.floor));
  });
}

function compare(
  method: ParityRecord["method"],
  metric: Metric,
  records: { readonly pytorch: readonly ParityRecord[]; readonly peftlab: readonly ParityRecord[] },
  floor: number,
): Row {
  const pytorch = summary(records.pytorch.map((r) => r[metric]));
  const peftlab = summary(records.peftlab.map((r) => r[metric]));
  const difference = peftlab.mean - pytorch.mean;
  const variance = (side: Side) => side.deviation ** 2 / side.values.length;
  const standardError = Math.sqrt(variance(pytorch) + variance(peftlab));
  const failures: string[] = [];
  if (Math.abs(difference) > bounds.points)
    failures.push(`the means differ by more than ${bounds.points} points`);
  if (Math.abs(difference) > bounds.standardErrors * standardError)
    failures.push(`the means differ by more than ${bounds.standardErrors} standard errors`);
  if (metric === "accuracy")
    for (const [side, { mean }] of Object.entries({ pytorch, peftlab }))
      if (mean < floor + bounds.aboveFloor)
        failures.push(
          `${side} is less than ${bounds.aboveFloor} points above the floor of ${floor.toFixed(1)}`,
        );
  return { method, metric, pytorch, peftlab, difference, standardError, failures };
}

function summary(values: readonly number[]): Side {
  const all = [...values];
  return { mean: mean(all), deviation: sampleStandardDeviation(all), values };
}

const methodLabels = { full: "full fine-tuning, 5e-5", bitfit: "BitFit, 2e-3" } as const;
const metricLabels = { accuracy: "accuracy", f1: "F1" } as const;

/** The comparison as a Markdown table, for a page and for the terminal. */
export function parityMarkdown(rows: readonly Row[]): string {
  const spread = ({ mean, deviation }: Side) => `${mean.toFixed(1)} ± ${deviation.toFixed(1)}`;
  const signed = (value: number) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;
  return [
    "| MRPC dev | | PyTorch | peftlab | difference | standard error | |",
    "|---|---|--:|--:|--:|--:|---|",
    ...rows.map((row) =>
      [
        "",
        methodLabels[row.method],
        metricLabels[row.metric],
        spread(row.pytorch),
        spread(row.peftlab),
        signed(row.difference),
        row.standardError.toFixed(1),
        row.failures.length === 0 ? "within bounds" : row.failures.join("; "),
        "",
      ]
        .join(" | ")
        .trim(),
    ),
  ].join("\n");
}

/** Share of the more frequent label, in percent. */
export function floorOf(labels: readonly number[]): number {
  const ones = labels.filter((label) => label === 1).length;
  return (100 * Math.max(ones, labels.length - ones)) / labels.length;
}
