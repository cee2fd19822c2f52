import { linearRegression, median } from "simple-statistics";
import type { BenchRow, CostAxis, CostPoint, CostSide, ProductRow } from "./bench";
import { listed, type Markdown, markdown } from "./markdown";
import { percent } from "./text";
import { axisTitles } from "./theme";

const times = (ratio: number) => ratio.toFixed(ratio < 100 ? 2 : 0);
const against = ({ work, peer }: BenchRow) => `${work} against ${peer}`;

/** What the comparisons show, in words: where we are faster and by how much, and what falls short of its goal. */
export function benchFindings(rows: readonly BenchRow[]): Markdown {
  const parts = [...new Set(rows.map(({ part }) => part))];
  const paragraphs = parts.map((part) => {
    const own = rows.filter((row) => row.part === part);
    const speeds = own.map(({ speed }) => speed);
    const memories = own.flatMap(({ memory }) => memory ?? []);
    const faster = own.filter(({ speedLowest }) => speedLowest > 1);
    const sentences = [
      `**${part[0]!.toUpperCase()}${part.slice(1)}.** ${own.length} ${own.length === 1 ? "comparison" : "comparisons"}: ${span(speeds)} times as fast, faster in every repetition in ${faster.length}.`,
      ...(memories.length > 0 ? [`Peak memory: ${span(memories)} times theirs.`] : []),
    ];
    return sentences.join(" ");
  });
  const slow = rows.filter(({ speed, speedExpected }) => speed < speedExpected);
  const large = rows.filter(
    ({ memory, memoryExpected }) => memory !== null && memory > memoryExpected!,
  );
  const short = [
    ...slow.map(
      (row) => `${against(row)} ${times(row.speed)} times as fast (goal ${row.speedExpected})`,
    ),
    ...large.map(
      (row) =>
        `${against(row)} ${times(row.memory!)} times the memory (goal ${row.memoryExpected})`,
    ),
  ];
  const shares = rows.flatMap(({ work, ofPeak }) => (ofPeak === null ? [] : [{ work, ofPeak }]));
  const best = shares.reduce<(typeof shares)[number] | undefined>(
    (a, b) => (a && a.ofPeak >= b.ofPeak ? a : b),
    undefined,
  );
  return markdown(
    [
      ...paragraphs,
      short.length > 0 ? `Below its goal: ${listed(short)}.` : "Every comparison reaches its goal.",
      ...(best
        ? [
            `Nearest to the speed of the fastest matrix product alone comes ${best.work}: ${percent(best.ofPeak)} of it.`,
          ]
        : []),
    ].join("\n\n"),
  );
}

function span(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? times(low) : `${times(low)} to ${times(high)}`;
}

/** How much faster our steps multiply matrices than PyTorch, in words. */
export function productFindings(rows: readonly ProductRow[]): Markdown {
  const precisions = [...new Set(rows.map(({ precision }) => precision))];
  const sentences = precisions.map((precision) => {
    const own = rows.filter((row) => row.precision === precision);
    const by = own.some(({ peftlab }) => peftlab !== null) ? "peftlab's kernel" : "TensorFlow";
    return `In ${precision} ${by} multiplies these matrices ${span(own.map(({ ratio }) => ratio))} times as fast as PyTorch.`;
  });
  return markdown(
    `${sentences.join(" ")} Where that is far from 1, much of a step's ratio comes from the products alone.`,
  );
}

/** How a side's cost grows along an axis. */
export interface Growth {
  readonly side: CostSide;
  /** e of the power law cost ~ value^e, fitted by least squares to the logarithms of the medians. */
  readonly time: number;
  readonly memory: number;
}

/** Medians over the repetitions, in order of the axis. */
export function costMedians(
  points: readonly CostPoint[],
  axis: CostAxis,
  side: CostSide,
): { readonly value: number; readonly milliseconds: number; readonly peakMiB: number }[] {
  const own = points.filter((point) => point.axis === axis && point.side === side);
  const all = [...new Set(own.map(({ value }) => value))].sort((a, b) => a - b);
  return all.map((value) => {
    const here = own.filter((point) => point.value === value);
    return {
      value,
      milliseconds: median(here.map(({ milliseconds }) => milliseconds)),
      peakMiB: median(here.map(({ peakMiB }) => peakMiB)),
    };
  });
}

export function costGrowth(points: readonly CostPoint[], axis: CostAxis): Growth[] {
  const sides = [...new Set(points.filter((point) => point.axis === axis).map(({ side }) => side))];
  return sides.map((side) => {
    const medians = costMedians(points, axis, side);
    const slope = (of: (one: (typeof medians)[number]) => number) =>
      linearRegression(medians.map((one) => [Math.log(one.value), Math.log(of(one))])).m;
    return {
      side,
      time: slope(({ milliseconds }) => milliseconds),
      memory: slope(({ peakMiB }) => peakMiB),
    };
  });
}

/** How steps' costs grow along each axis, and how the sides compare at its two ends, in words. */
export function costFindings(points: readonly CostPoint[]): Markdown {
  const axes = [...new Set(points.map(({ axis }) => axis))];
  const lines = axes.map((axis) => {
    const growth = costGrowth(points, axis).map(
      ({ side, time, memory }) =>
        `${side} time ^ ${time.toFixed(2)}, memory ^ ${memory.toFixed(2)}`,
    );
    const ours = costMedians(points, axis, "peftlab");
    const peers = [...new Set(points.map(({ side }) => side))].filter((side) => side !== "peftlab");
    const ratios = peers.map((side) => {
      const theirs = costMedians(points, axis, side);
      const at = (end: 0 | -1) => times(theirs.at(end)!.milliseconds / ours.at(end)!.milliseconds);
      return `${at(0)} times as fast as ${side} at the low end, ${at(-1)} at the high end`;
    });
    return `- **${axisTitles[axis]}**: ${growth.join("; ")}. peftlab is ${ratios.join(", ")}.`;
  });
  return markdown(
    [
      "Along each axis the cost is fitted by a power of it: an exponent of 1 is proportional, 0 does not change.",
      lines.join("\n"),
    ].join("\n\n"),
  );
}
