import { describe, expect, test } from "vitest";
import type { Comparison, Side } from "./comparisons";
import { stepsWork } from "./make-work";
import { type BenchReport, summarise } from "./report";
import type { Round, Row } from "./run";
import { shortfalls } from "./shortfalls";
import { benchMarkdown } from "./table";
import type { Measurement } from "./work";

const side = (milliseconds: number[], mebibytes: number, trainable = 174_338): Measurement => ({
  milliseconds,
  peakBytes: mebibytes * 2 ** 20,
  trainable,
  check: 0.69,
  threads: 2,
  versions: { torch: "2.13.0", tensorflow: "2.21.0" },
});

const work = stepsWork({ method: "bitfit", batch: 2, tokens: 8 });
const comparison: Comparison = {
  name: "bitfit",
  label: "BitFit",
  unit: "step",
  peers: [{ name: "PyTorch", sides: ["eager", "compiled"], speed: 1.7, memory: 1.1 }],
  tolerance: 0.1,
  work: () => work,
};
const round = (sides: Partial<Record<Side, Measurement>>): Round => ({ work, sides });
const rounds = [
  round({
    eager: side([900], 1000),
    compiled: side([700, 690, 2000], 1500),
    peftlab: side([350, 340, 900], 900),
  }),
  round({ eager: side([1400], 1100), compiled: side([1500], 1000), peftlab: side([1000], 1200) }),
  round({ eager: side([600], 1000), peftlab: side([200], 1000) }),
];
const row = (change: Partial<Row> = {}): Row => ({
  ...{ comparison, rounds, batches: {}, leftOut: { compiled: "failed: no compiler" } },
  ...change,
});

describe("summary", () => {
  const bitfit = summarise(row());

  test("of a process the median, of the repetitions median and range", () => {
    expect(bitfit.milliseconds.eager).toEqual({ median: 900, lowest: 600, highest: 1400 });
    expect(bitfit.milliseconds.peftlab).toEqual({ median: 350, lowest: 200, highest: 1000 });
    expect(bitfit.milliseconds.compiled).toEqual({ median: 1100, lowest: 700, highest: 1500 });
  });

  test("ratios are taken within a repetition, to the faster and to the smaller side", () => {
    const [pytorch] = bitfit.peers;
    expect(pytorch!.speed).toEqual({ median: 2, lowest: 1.4, highest: 3 });
    expect(pytorch!.memory).toEqual({ median: 1, lowest: 0.9, highest: 1.2 });
  });

  test("an epoch's time is that of a step", () => {
    const epoch = { kind: "epoch", batches: [[0], [1]] } as unknown as Round["work"];
    const own = { ...comparison, peers: [] };
    const rounds = [{ work: { ...epoch, method: "head-only" }, sides: { peftlab: side([30], 1) } }];
    const { milliseconds } = summarise(row({ comparison: own, rounds: rounds as Round[] }));
    expect(milliseconds.peftlab!.median).toBe(15);
  });

  test("what our step computes is set against the fastest product of the same repetition", () => {
    const peaks = [100, 100, 50].map((float32) => ({ float32, bfloat16: 1 }));
    const { gigaflop, ofPeak } = summarise(row(), peaks);
    expect(ofPeak!.highest).toBeCloseTo(gigaflop! / 0.2 / 50, 9);
    expect(ofPeak!.lowest).toBeCloseTo(gigaflop! / 1 / 100, 9);
    expect(summarise(row()).ofPeak).toBeNull();
  });

  test("sides that train other parameters, or compute something else, are not compared", () => {
    const with_ = (eager: Measurement) => () =>
      summarise(row({ rounds: [round({ eager, peftlab: side([1], 1) })] }));
    expect(with_(side([1], 1, 5))).toThrow("BitFit: eager trains 5 parameters, peftlab 174338");
    expect(with_({ ...side([1], 1), check: 0.4 })).toThrow("BitFit: eager computes 0.4");
    expect(with_({ ...side([1], 1), check: Number.NaN })).toThrow("computes NaN");
    expect(with_(side([1], 1, 0))).not.toThrow();
  });

  test("what falls short is said", () => {
    expect(shortfalls({ rows: [bitfit], compile: null })).toEqual([]);
    const slow = { median: 1.69, lowest: 1, highest: 2 };
    const short = {
      ...bitfit,
      name: "full",
      peers: [{ ...bitfit.peers[0]!, speed: slow, memory: slow }],
      ofPeak: { median: 0.5, lowest: 0.5, highest: 0.5 },
    };
    expect(shortfalls({ rows: [short], compile: { seconds: slow, memory: slow } })).toEqual([
      "BitFit: 1.69 times as fast as PyTorch, expected at least 1.7",
      "BitFit: 1.69 times the memory of PyTorch, expected at most 1.1",
      "full fine-tuning: 50 % of the matrix products' peak, expected at least 75 %",
      "a new step: 1.69 s, expected at most 1",
      "a new step: 1.69 times the memory of its steps, expected at most 1",
    ]);
  });
});

describe("table", () => {
  const report: BenchReport = {
    part: "training",
    measured: "2026-01-01",
    machine: { processor: "AMD EPYC", cores: 2, memoryGiB: 24, system: "Linux 6 (x64)" },
    busy: null,
    repetitions: 3,
    steps: { warmup: 3, timed: 10 },
    data: null,
    threads: { eager: 2, peftlab: 2 },
    versions: { torch: "2.13.0", tensorflow: "2.21.0" },
    rows: [summarise(row())],
    notMeasured: ["LoRA (r 8)"],
    products: {
      shapes: [[1, 2, 3]],
      pytorch: { float32: [one(100)], bfloat16: [one(200)] },
      peftlab: { float32: [one(300)], bfloat16: [one(400)] },
      kernel: [one(350)],
    },
    compile: { seconds: one(0.9), memory: one(0.97) },
  };
  const text = benchMarkdown(report);

  test("has a row a peer, with ranges, and says what was left out", () => {
    expect(text).toContain(
      "| BitFit | PyTorch | 900 / 1100 | 350 | **2.00** (1.40 to 3.00) | 1000 / 1250 | 1000 | **1.00** (0.90 to 1.20) |",
    );
    expect(text).toContain("BitFit, compiled (failed: no compiler)");
    expect(text).toContain("Not measured this time: LoRA (r 8).");
    expect(benchMarkdown({ ...report, notMeasured: [] })).not.toContain("Not measured this time");
    const widths = text
      .split("\n\n")[0]!
      .split("\n")
      .map((line) => line.split("|").length);
    expect(new Set(widths).size).toBe(1);
  });

  test("has the speeds of products, and what a new step costs", () => {
    expect(text).toContain("| 1 × 2 × 3 | 100 | 300 | 350 | 200 | 400 |");
    expect(text).toContain("costs 0.90 s");
    expect(text).toContain("0.97 times the memory");
  });

  test("says what the work, the machine and the versions were, and what the ratio owes to the processor", () => {
    for (const part of ["32 × 64", "AMD EPYC, 2 cores, 24 GiB", "torch 2.13.0", "MKL"])
      expect(text).toContain(part);
    const intel = { ...report, machine: { ...report.machine, processor: "Intel Xeon" } };
    expect(benchMarkdown(intel)).not.toContain("MKL");
  });

  test("figures of a busy machine or of the sample corpus are marked", () => {
    expect(text).not.toContain("not a figure to quote");
    expect(benchMarkdown({ ...report, busy: "yes" })).toContain("busy machine: not a figure");
    expect(benchMarkdown({ ...report, data: "sample corpus" })).toContain("not on GLUE");
  });
});

function one(value: number) {
  return { median: value, lowest: value, highest: value };
}
