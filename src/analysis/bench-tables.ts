import type { BenchRow, ProductRow } from "./bench";
import { DataFrame } from "./danfo";
import { type Cell, type Table, table } from "./tables";
import { percent } from "./text";

const known =
  (format: (value: number) => string) =>
  (cell: Cell): string =>
    cell === null || cell === undefined || Number.isNaN(cell) ? "–" : format(Number(cell));
const figures = known((value) => String(Number(value.toPrecision(3))));

/** Comparisons with other libraries, a row each. */
export function benchTable(rows: readonly BenchRow[]): Table {
  return table(new DataFrame([...rows]), {
    caption:
      "Milliseconds a step or a pass, the peer's of its fastest way; medians of the repetitions. Ratios are taken within a repetition. Goals: times as fast at least, times the memory at most.",
    columns: {
      part: "Part",
      work: "Work",
      peer: "Against",
      theirs: "Theirs, ms",
      ours: "Ours, ms",
      speed: "Times as fast",
      speedExpected: "Goal",
      memory: "Times the memory",
      memoryExpected: "Goal",
      ofPeak: "Of the peak",
    },
    formats: {
      ...{ theirs: figures, ours: figures, speed: figures, speedExpected: figures },
      ...{
        memory: figures,
        memoryExpected: figures,
        ofPeak: known((share) => percent(Number(share.toPrecision(2)))),
      },
    },
  });
}

/** Speeds of matrix products in both libraries and by our kernel. */
export function productTable(rows: readonly ProductRow[]): Table {
  return table(new DataFrame([...rows]), {
    caption: "GFLOP/s of matrix products [m, k] × [k, n], medians.",
    columns: {
      shape: "m × k × n",
      precision: "Precision",
      pytorch: "PyTorch",
      tensorflow: "TensorFlow",
      peftlab: "peftlab",
      ratio: "Ratio",
    },
    formats: { pytorch: figures, tensorflow: figures, peftlab: figures, ratio: figures },
  });
}
