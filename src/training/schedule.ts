/**
 * Learning rate over a run: linear warm-up to the peak, then linear decay that reaches 0 when the budget ends
 * (the recipe of Devlin et al. 2019; planned for each budget anew, as in budgeted training, Li et al. 2020).
 *
 * @param step 0-based step about to be taken; the first one has rate 0 when there is a warm-up
 * @param steps planned steps of the run
 * @param warmup share of the steps spent warming up
 * @returns factor in [0, 1] on the peak learning rate
 */
export function linearSchedule(step: number, steps: number, warmup: number): number {
  const warm = Math.ceil(steps * warmup);
  if (step < warm) return step / Math.max(1, warm);
  return Math.max(0, (steps - step) / Math.max(1, steps - warm));
}
