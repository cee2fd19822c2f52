import type { PlotData } from "plotly.js";
import { describe, expect, it } from "vitest";
import { charts } from "../../../src/analysis";
import type { Figure } from "../../../src/analysis/chart";
import type { RunRecord } from "../../../src/experiments/types";
import { diverged, madeUp, study } from "../records";

type Trace = Partial<PlotData> & { x: number[]; y: number[] };

const traces = ({ data }: Figure) => data as unknown as Trace[];
const of = (figure: Figure, name: string) => traces(figure).filter((trace) => trace.name === name);
const titles: Record<string, string> = {
  full: "Full fine-tuning",
  "head-only": "Head only",
  bitfit: "BitFit",
  houlsby: "Houlsby adapters",
  pfeiffer: "Pfeiffer adapters",
};
const { learningCurves, scoreAgainstSeconds, scoreAgainstShare } = charts;
const all: [string, (records: readonly RunRecord[]) => Figure][] = Object.entries({
  ...{ learningCurves, scoreAgainstSeconds, scoreAgainstShare },
});

describe.each(all)("%s", (_, draw) => {
  it("draws the floor in every panel of scores", () => {
    const floors = of(draw(study(1)), "Floor");
    const panels = new Set(floors.map(({ yaxis }) => yaxis));
    expect(panels.size).toBe(floors.length);
    const heights = new Set(floors.map(({ y }) => y[0]));
    expect(heights).toEqual(new Set([68.38, 0]));
    for (const { y } of floors) expect(y[0]).toBe(y[1]);
  });

  it("gives a method one colour and one legend entry", () => {
    const figure = draw(study(2));
    for (const title of Object.values(titles)) {
      const own = of(figure, title);
      expect(new Set(own.map(({ marker }) => marker!.color)).size).toBe(1);
      expect(own.filter(({ showlegend }) => showlegend)).toHaveLength(1);
    }
    const colors = Object.values(titles).map((title) => of(figure, title)[0]!.marker!.color);
    expect(new Set(colors).size).toBe(colors.length);
    expect(colors).toEqual(
      Object.values(titles).map(
        (title) => of(charts.learningCurves(study(1)), title)[0]!.marker!.color,
      ),
    );
  });

  it("names every axis that has a title place, with its unit", () => {
    const layout = draw(study(1)).layout as Record<string, { title?: { text: string } }>;
    const lowest = Object.entries(layout).filter(([key]) => /^[xy]axis/.test(key));
    const named = lowest.map(([, axis]) => axis.title!.text).filter(Boolean);
    expect(named).toContain("Accuracy (%)");
    expect(named).toContain("Matthews correlation × 100");
    expect(named.length).toBeGreaterThanOrEqual(lowest.length - 3);
  });

  it("tells groups of one method apart, and says which runs diverged", () => {
    const figure = draw([
      ...study(1),
      madeUp("mrpc", "bitfit", 1, { specification: { fraction: 0.3 } }),
      diverged("cola", "houlsby", 2),
    ]);
    const [whole, part] = ["BitFit (fraction 1)", "BitFit (fraction 0.3)"].map(
      (name) => of(figure, name)[0]!,
    );
    expect(whole!.marker!.color).toBe(part!.marker!.color);
    expect(whole!.marker!.symbol).not.toEqual(part!.marker!.symbol);
    const notes = (figure.layout.annotations ?? []).map(({ text }) => text).join("\n");
    expect(notes).toContain("Diverged, and so without a score: Houlsby adapters on CoLA, seed 2.");
  });

  it("does not change the records", () => {
    const records = study(2);
    const before = JSON.stringify(records);
    draw(records);
    expect(JSON.stringify(records)).toBe(before);
  });
});

it("shows every record and mean of scores, with the sample standard deviation", () => {
  const records = study(5);
  const figure = charts.scoreAgainstShare(records);
  const points = traces(figure).flatMap(({ x, y }) => x.map((value, i) => `${value} ${y[i]}`));
  for (const { trainable, total, scores } of records) {
    const score = 100 * Object.values(scores)[0]!;
    expect(points).toContain(`${trainable / total} ${score}`);
  }
  const bitfit = records.filter(({ task, method }) => task === "mrpc" && method === "bitfit");
  const accuracies = bitfit.map(({ scores }) => 100 * scores.accuracy!);
  const mean = accuracies.reduce((sum, value) => sum + value, 0) / 5;
  const variance = accuracies.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 4;
  const marks = of(figure, "BitFit").filter(({ error_y }) => error_y);
  expect(marks[0]!.y[0]).toBeCloseTo(mean, 9);
  expect((marks[0]!.error_y as { array: number[] }).array[0]).toBeCloseTo(Math.sqrt(variance), 9);
});

it("tells the encoder's share from the head's", () => {
  const figure = charts.scoreAgainstShare(study(1));
  const [bitfit] = of(figure, "BitFit");
  expect(bitfit!.hovertemplate).toContain("encoder 0.114 % (25,728)");
  expect(bitfit!.hovertemplate).toContain("head 100 % (148,610)");
  const [head] = of(figure, "Share of the head alone");
  expect(head!.x[0]).toBeCloseTo(148_610 / (22_565_376 + 148_610), 12);
});

it("shows undefined scores as 0", () => {
  const constant = madeUp("cola", "full", 1, { scores: { matthews: null, accuracy: 0.69 } });
  expect(of(charts.scoreAgainstSeconds([constant]), "Full fine-tuning")[0]!.y).toEqual([0]);
});

it("draws every point of every learning curve but what is not a number", () => {
  const records = [...study(2, ["mrpc"]), diverged("mrpc", "full", 3)];
  const figure = charts.learningCurves(records);
  for (const record of records) {
    const losses = record.curve.map(({ loss }) => loss).filter(Number.isFinite);
    expect(of(figure, titles[record.method]!).map(({ y }) => y)).toContainEqual(losses);
    const scores = record.curve.flatMap(({ validation }) =>
      validation ? [100 * validation.accuracy!] : [],
    );
    expect(of(figure, titles[record.method]!).map(({ y }) => y)).toContainEqual(scores);
  }
});
