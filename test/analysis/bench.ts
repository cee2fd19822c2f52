import type { BenchReport, CostAxis, CostPoint, CostSide } from "../../src/analysis/bench";

const values = (median: number, spread = 0.1) => ({
  median,
  lowest: median * (1 - spread),
  highest: median * (1 + spread),
});

/** A report such as the benchmark writes, made up: nothing of it was measured. */
export const madeUpBench = (part = "training"): BenchReport => ({
  ...{ part, measured: "2026-01-01", busy: null },
  machine: { processor: "a processor", cores: 2, memoryGiB: 8 },
  rows: [
    {
      label: "full fine-tuning",
      milliseconds: { eager: values(1000), compiled: values(900), peftlab: values(400) },
      peers: [
        {
          peer: "PyTorch",
          sides: ["eager", "compiled"],
          speed: values(2.25),
          memory: values(0.9),
          expected: { speed: 2.2, memory: 1 },
        },
      ],
      ofPeak: values(0.7),
    },
    {
      label: "MRPC dev, 408 rows",
      milliseconds: { eager: values(500), onnxruntime: values(300), peftlab: values(290) },
      peers: [
        {
          peer: "onnxruntime",
          sides: ["onnxruntime"],
          speed: values(1.03),
          memory: values(1.3),
          expected: { speed: 1.5, memory: 1 },
        },
        {
          peer: "tokenizers, one thread",
          sides: ["onnxruntime"],
          speed: values(120),
          memory: null,
          expected: { speed: 20, memory: null },
        },
      ],
      ofPeak: null,
    },
  ],
  products: {
    shapes: [
      [2048, 384, 384],
      [4096, 4096, 4096],
    ],
    pytorch: { float32: [values(100), values(200)], bfloat16: [values(300), values(400)] },
    peftlab: { float32: [values(200), values(300)], bfloat16: [values(300), values(200)] },
    kernel: [values(250), values(320)],
  },
});

/** Points of which time is proportional to the value and memory to its root. */
export function madeUpCosts(
  axes: Readonly<Partial<Record<CostAxis, readonly number[]>>> = {
    tokens: [16, 64, 256],
    batch: [1, 32],
    share: [0.007, 0.2, 1],
  },
): CostPoint[] {
  const factors: Readonly<Record<CostSide, number>> = {
    peftlab: 1,
    PyTorch: 2,
    "PyTorch compiled": 1.8,
  };
  return (Object.keys(axes) as CostAxis[]).flatMap((axis) =>
    axes[axis]!.flatMap((value) =>
      (Object.keys(factors) as CostSide[]).flatMap((side) =>
        [1, 2, 3].map((repetition) => ({
          ...{ axis, value, side, repetition },
          milliseconds: (10 * value * factors[side] * (8 + repetition)) / 10,
          peakMiB: 500 * Math.sqrt(value),
        })),
      ),
    ),
  );
}
