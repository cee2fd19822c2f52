/** What the JavaScript of a cell is given by the kernel. */
export const names = {
  /** Accessors of the cell's own names are handed over here. */
  own: "__own",
  /** Loads what the cell imports. */
  load: "__load",
  /** Scope of an earlier cell: `__cell3`. */
  cell: (number: number) => `__cell${number}`,
} as const;
