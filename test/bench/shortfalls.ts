import type { BenchReport } from "./report";

/** Of a new step: seconds, and its memory over that of the steps after it, at most. */
export const expectedCompile = { seconds: 1, memory: 1 } as const;

/** Of the matrix products' peak, full fine-tuning of MiniLM-L6. */
export const expectedOfPeak = 0.75;

/** What falls short of the expectation, a line each. */
export function shortfalls({ rows, compile }: Pick<BenchReport, "rows" | "compile">): string[] {
  const lines: string[] = [];
  for (const { label, peers } of rows)
    for (const { peer, speed, memory, expected } of peers) {
      if (speed.median < expected.speed)
        lines.push(
          `${label}: ${speed.median.toFixed(2)} times as fast as ${peer}, expected at least ${expected.speed}`,
        );
      if (memory && memory.median > expected.memory!)
        lines.push(
          `${label}: ${memory.median.toFixed(2)} times the memory of ${peer}, expected at most ${expected.memory}`,
        );
    }
  const full = rows.find(({ name }) => name === "full")?.ofPeak;
  if (full && full.median < expectedOfPeak)
    lines.push(
      `full fine-tuning: ${percent(full.median)} of the matrix products' peak, expected at least ${percent(expectedOfPeak)}`,
    );
  if (compile && compile.seconds.median > expectedCompile.seconds)
    lines.push(
      `a new step: ${compile.seconds.median.toFixed(2)} s, expected at most ${expectedCompile.seconds}`,
    );
  if (compile?.memory && compile.memory.median > expectedCompile.memory)
    lines.push(
      `a new step: ${compile.memory.median.toFixed(2)} times the memory of its steps, expected at most ${expectedCompile.memory}`,
    );
  return lines;
}

export const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
