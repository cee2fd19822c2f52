/** Metrics on plain numbers. Predictions come first, targets second; both of one length, at least one. */

type Numbers = ArrayLike<number>;

/** Share of predictions that are right. */
export function accuracy(predictions: Numbers, targets: Numbers): number {
  checkLengths(predictions, targets);
  let right = 0;
  for (let row = 0; row < targets.length; row++) if (predictions[row] === targets[row]) right++;
  return right / targets.length;
}

/** F1 of class 1; 0 where neither side has it. */
export function binaryF1(predictions: Numbers, targets: Numbers): number {
  checkLengths(predictions, targets);
  let both = 0;
  let either = 0;
  for (let row = 0; row < targets.length; row++) {
    const predicted = predictions[row] === 1;
    const true_ = targets[row] === 1;
    if (predicted && true_) both++;
    either += Number(predicted) + Number(true_);
  }
  return either === 0 ? 0 : (2 * both) / either;
}

/** Matthews correlation for any number of classes (Gorodkin 2004); 0 where one side has one class only. */
export function matthews(predictions: Numbers, targets: Numbers): number {
  checkLengths(predictions, targets);
  const rows = targets.length;
  const predicted = counts(predictions);
  const actual = counts(targets);
  const right = accuracy(predictions, targets) * rows;
  let shared = 0;
  for (const [label, count] of predicted) shared += count * (actual.get(label) ?? 0);
  const spread = (of: ReadonlyMap<number, number>) => {
    let squares = 0;
    for (const count of of.values()) squares += count * count;
    return rows * rows - squares;
  };
  const scale = Math.sqrt(spread(predicted)) * Math.sqrt(spread(actual));
  return scale === 0 ? 0 : (right * rows - shared) / scale;
}

/** Pearson's correlation; `null` where a side is constant, not finite, or a single row. */
export function pearson(predictions: Numbers, targets: Numbers): number | null {
  checkLengths(predictions, targets);
  const x = centred(predictions);
  const y = centred(targets);
  if (!x || !y) return null;
  let product = 0;
  for (let row = 0; row < x.length; row++) product += x[row]! * y[row]!;
  return Math.max(-1, Math.min(1, product));
}

/** Spearman's correlation: Pearson's of the ranks, ties at their average. */
export function spearman(predictions: Numbers, targets: Numbers): number | null {
  checkLengths(predictions, targets);
  if (![predictions, targets].every((side) => Array.from(side).every(Number.isFinite))) return null;
  return pearson(ranks(predictions), ranks(targets));
}

/** Ranks from 1; equal values share the average of their ranks. */
export function ranks(values: Numbers): Float64Array {
  const order = Array.from(values, (_, index) => index).sort((a, b) => values[a]! - values[b]!);
  const result = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (let at = start; at < end; at++) result[order[at]!] = (start + 1 + end) / 2;
    start = end;
  }
  return result;
}

/** Values less their mean, scaled to length 1; undefined where they have no direction. */
function centred(values: Numbers): Float64Array | undefined {
  const first = values[0]!;
  const numbers = Float64Array.from(values);
  if (numbers.length < 2 || !numbers.every(Number.isFinite)) return undefined;
  // Asked of the values: rounding leaves a constant's differences from its mean above zero.
  if (numbers.every((value) => value === first)) return undefined;
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const differences = numbers.map((value) => value - mean);
  // Scaled first, so that squares of very small or large values stay numbers.
  const largest = differences.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scaled = differences.map((value) => value / largest);
  const length = Math.sqrt(scaled.reduce((sum, value) => sum + value * value, 0));
  return scaled.map((value) => value / length);
}

function counts(labels: Numbers): Map<number, number> {
  const found = new Map<number, number>();
  for (const label of Array.from(labels)) found.set(label, (found.get(label) ?? 0) + 1);
  return found;
}

function checkLengths(predictions: Numbers, targets: Numbers): void {
  if (predictions.length !== targets.length || targets.length === 0)
    throw new RangeError(
      `${predictions.length} predictions for ${targets.length} targets, expected one each and at least one`,
    );
}
