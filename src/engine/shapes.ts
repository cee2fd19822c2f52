/** How many values a tensor of this shape has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, d) => size * d, 1);
}

/** An axis that may be counted from the end. */
export function position(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Rows and columns of a matrix that may be transposed. */
export function ends(shape: readonly number[], transposed: unknown): [number, number] {
  const [a, b] = shape.slice(-2) as [number, number];
  return transposed ? [b, a] : [a, b];
}

/** The shape of what two tensors give element by element; throws where they do not fit. */
export function broadcast(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const x = a[a.length - rank + axis] ?? 1;
    const y = b[b.length - rank + axis] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new Error(`[${a}] and [${b}] do not broadcast.`);
    return x === 1 ? y : x;
  });
}
