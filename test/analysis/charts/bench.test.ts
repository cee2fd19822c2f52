import type { PlotData } from "plotly.js";
import { expect, it } from "vitest";
import { benchRows, charts } from "../../../src/analysis";
import type { Figure } from "../../../src/analysis/chart";
import { madeUpBench, madeUpCosts } from "../bench";

type Trace = Partial<PlotData> & { x: number[]; y: number[]; error_y: { array: number[] } };

const of = ({ data }: Figure, name: string) =>
  (data as unknown as Trace[]).filter((trace) => trace.name === name);

it("draws a cost curve a side, quantity and axis, the range as bars", () => {
  const figure = charts.costCurves(madeUpCosts());
  const ours = of(figure, "peftlab");
  expect(ours).toHaveLength(2 * 3);
  expect(ours[0]).toMatchObject({ x: [16, 64, 256], y: [0.16, 0.64, 2.56] });
  expect(ours[0]!.error_y.array[0]).toBeCloseTo(0.016, 9);
  expect(ours.filter(({ showlegend }) => showlegend)).toHaveLength(1);
  const colors = ["peftlab", "PyTorch", "PyTorch compiled"].map(
    (side) => of(figure, side)[0]!.marker!.color,
  );
  expect(new Set(colors).size).toBe(3);
  expect(figure.text).toContain("Trained share\n  peftlab: 0.7 %: 0.0000700 s, 42 MiB; 20 %");
});

it("draws every comparison with its goal, and tells those that reach it", () => {
  const figure = charts.ratios(benchRows(madeUpBench()));
  const [speed, memory] = of(figure, "Goal");
  expect(speed!.x).toEqual([2.2, 1.5, 20]);
  expect(memory!.x).toEqual([1, 1]);
  expect(of(figure, "Goal reached").map(({ x }) => x)).toEqual([[2.25, 120], [0.9]]);
  expect(of(figure, "Below its goal").map(({ x }) => x)).toEqual([[1.03], [1.3]]);
  expect(figure.text).toContain("MRPC dev, 408 rows / onnxruntime: 1.03 times as fast, 1.3 times");
});
