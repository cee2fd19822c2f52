import type { TaskTexts } from "./make-work";

const row = (n: number) => ({ text: "word ".repeat(1 + (n % 9)), pair: `${n}`, target: n % 2 });

/**
 * Rows of a task of pairs, of nine lengths in turn, made up.
 *
 * @param train how many there are to train on
 * @param dev which of them are the dev file's
 */
export function madeUpTexts(train: number, dev: readonly number[]): TaskTexts {
  return {
    task: "mrpc",
    source: { kind: "sample", from: "" },
    train: Array.from({ length: train }, (_, n) => row(n)),
    dev: dev.map(row),
  };
}
