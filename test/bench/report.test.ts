import { describe, expect, test } from "vitest";
import {
  type Repetition,
  shortfalls,
  summarise,
  type TrainingReport,
  trainingMarkdown,
} from "./report";
import { parseMeasurement } from "./run";
import { type Measurement, makeWork } from "./work";

const side = (milliseconds: number[], mebibytes: number, trainable = 174_338): Measurement => ({
  milliseconds,
  peakBytes: mebibytes * 2 ** 20,
  trainable,
  loss: 0.69,
  threads: 2,
  versions: {
    torch: "2.13.0",
    transformers: "5.23.0",
    peft: "0.21.2",
    tensorflow: "2.21.0",
    node: "20",
  },
});

const repetitions: Repetition[] = [
  { method: "bitfit", pytorch: side([700, 690, 2000], 1000), peftlab: side([350, 340, 900], 900) },
  { method: "bitfit", pytorch: side([1400], 1000), peftlab: side([1000], 1200) },
  { method: "bitfit", pytorch: side([600], 1000), peftlab: side([200], 1000) },
];

describe("summary", () => {
  const [bitfit] = summarise(repetitions);

  test("of a process the median, of the repetitions median and range", () => {
    expect(bitfit!.milliseconds.pytorch).toEqual({ median: 700, lowest: 600, highest: 1400 });
    expect(bitfit!.milliseconds.peftlab).toEqual({ median: 350, lowest: 200, highest: 1000 });
  });

  test("ratios are taken within a repetition", () => {
    expect(bitfit!.speed).toEqual({ median: 2, lowest: 1.4, highest: 3 });
    expect(bitfit!.memory).toEqual({ median: 1, lowest: 0.9, highest: 1.2 });
  });

  test("sides that train different numbers of parameters are not compared", () => {
    expect(() =>
      summarise([{ method: "full", pytorch: side([1], 1, 5), peftlab: side([1], 1, 6) }]),
    ).toThrow("full: PyTorch trains 5 parameters, peftlab 6");
  });

  test("what falls short is said", () => {
    expect(shortfalls([bitfit!])).toEqual([]);
    const slow = { median: 1.69, lowest: 1, highest: 2 };
    expect(shortfalls([{ ...bitfit!, speed: slow, memory: slow }])).toEqual([
      "BitFit: 1.69 times as fast, expected at least 1.7",
      "BitFit: 1.69 times the memory, expected at most 1.1",
    ]);
  });
});

describe("table", () => {
  const { batches: _, ...work } = makeWork();
  const report: TrainingReport = {
    measured: "2026-01-01",
    machine: { processor: "AMD EPYC", cores: 2, memoryGiB: 24, system: "Linux 6 (x64)" },
    busy: null,
    repetitions: 3,
    work,
    threads: { pytorch: 2, peftlab: 2 },
    versions: { pytorch: side([1], 1).versions, peftlab: side([1], 1).versions },
    methods: summarise(repetitions),
  };

  test("has a row a method, with ranges", () => {
    expect(trainingMarkdown(report)).toContain(
      "| BitFit | 700 | 350 | **2.00** (1.40 to 3.00) | 1000 | 1000 | **1.00** (0.90 to 1.20) |",
    );
  });

  test("says what the work, the machine and the versions were, and what the ratio owes to the processor", () => {
    const text = trainingMarkdown(report);
    for (const part of ["batch 32 × 64", "AMD EPYC, 2 cores, 24 GiB", "PyTorch 2.13.0", "MKL"])
      expect(text).toContain(part);
    const intel = { ...report, machine: { ...report.machine, processor: "Intel Xeon" } };
    expect(trainingMarkdown(intel)).not.toContain("MKL");
  });

  test("figures of a busy machine are marked", () => {
    expect(trainingMarkdown(report)).not.toContain("busy");
    expect(trainingMarkdown({ ...report, busy: "yes" })).toContain("not a figure to quote");
  });
});

test("a measurement is found among warnings", () => {
  const measurement = side([1, 2], 3);
  const output = `a warning\n${JSON.stringify(measurement)}\nanother`;
  expect(parseMeasurement(output)).toEqual(measurement);
  expect(() => parseMeasurement("Killed")).toThrow("Killed");
});
