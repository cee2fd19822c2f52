import { feedOf, type Rows } from "../models/run";

/** Three rows for the tiny encoder: a pair, a full one, a short one. */
export const rows: Rows = {
  ids: [
    [2, 17, 80, 3, 9, 33, 3, 0],
    [2, 5, 6, 7, 8, 9, 10, 3],
    [2, 99, 3, 0, 0, 0, 0, 0],
  ],
  types: [
    [0, 0, 0, 0, 1, 1, 1, 0],
    [0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 0],
  ],
  mask: [
    [1, 1, 1, 1, 1, 1, 1, 0],
    [1, 1, 1, 1, 1, 1, 1, 1],
    [1, 1, 1, 0, 0, 0, 0, 0],
  ],
};

/** With class labels, and two tokens at the end that belong to no row. */
export const labelled = { ...feedOf(rows, 2), targets: Int32Array.of(1, 0, 1) };
