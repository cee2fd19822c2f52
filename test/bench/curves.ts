import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "simple-statistics";
import type { CostAxis, CostPoint, CostReport, CostSide } from "../../src/analysis/bench";
import { sizeOf } from "../../src/engine";
import { progress } from "../../src/kernel/api/progress";
import { encoderShapes, poolerShapes } from "../../src/models";
import { minilmFolder } from "../../src/setup/paths";
import type { Amounts, Side } from "./comparisons";
import { busyWarning, thisMachine } from "./machine";
import { configOf, stepsWork, writeEncoder } from "./make-work";
import { measureSide } from "./run";
import { methodOf } from "./sides/model";
import type { StepsWork } from "./work";

/** What `data/bench/curves.json` holds. */
export interface CurvesReport extends CostReport {
  readonly steps: { readonly warmup: number; readonly timed: number };
  readonly versions: Readonly<Record<string, string>>;
}

/** A point of a curve, ready to be measured. */
interface Place {
  readonly axis: CostAxis;
  readonly value: number;
  work(): StepsWork;
}

export const costAxes = ["tokens", "batch", "layers", "width", "rank", "share"] as const;

const base = { batch: 16, tokens: 64 } as const;

const grids = {
  tokens: [16, 32, 64, 128, 256],
  batch: [1, 4, 16, 32, 64],
  layers: [2, 4, 6, 9, 12],
  width: [192, 384, 576, 768],
  rank: [1, 4, 16, 64],
  /** Layers that train, from the top; the last is everything. */
  share: [0, 1, 2, 4, 6],
} as const;

/** Measures steps of full fine-tuning of MiniLM-L6, or of an encoder of another shape, where one thing is varied. */
export async function benchCurves({
  repetitions,
  warmup,
  steps,
  compiled,
  only,
}: Omit<Amounts, "device"> & {
  /** PyTorch through torch.compile as well. */
  readonly compiled?: boolean;
  readonly only?: readonly string[];
}): Promise<CurvesReport> {
  const busy = busyWarning() ?? null;
  const folder = mkdtempSync(join(tmpdir(), "peftlab-curves-"));
  const sides: Partial<Record<Side, CostSide>> = {
    eager: "PyTorch",
    ...(compiled && { compiled: "PyTorch compiled" }),
    peftlab: "peftlab",
  };
  try {
    const places = costAxes
      .filter((axis) => !only || only.includes(axis))
      .flatMap((axis) => placesOf(axis, { warmup, steps }, folder));
    const all = Object.entries(sides) as [Side, CostSide][];
    const bar = progress(repetitions * places.length * all.length, {
      label: "bench curves",
      unit: "runs",
    });
    const points: CostPoint[] = [];
    const versions: Record<string, string> = {};
    for (let repetition = 1; repetition <= repetitions; repetition++)
      for (const { axis, value, work } of places)
        for (const [side, name] of all) {
          bar.show({ now: `${axis} ${Number(value.toPrecision(3))}, ${name}` });
          const measured = await measureSide(side, "curve", work(), folder);
          Object.assign(versions, measured.versions);
          points.push({
            ...{ axis, value, side: name, repetition },
            milliseconds: median([...measured.milliseconds]),
            peakMiB: measured.peakBytes / 2 ** 20,
          });
          bar.add();
        }
    bar.show({ now: undefined });
    bar.end();
    const { layers, hiddenSize: width } = configOf(minilmFolder);
    return {
      measured: new Date().toISOString().slice(0, 10),
      machine: thisMachine(),
      ...{ busy, repetitions },
      steps: { warmup, timed: steps },
      base: { ...base, layers, width },
      ...{ versions, points },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function placesOf(
  axis: CostAxis,
  amounts: Pick<Amounts, "warmup" | "steps">,
  folder: string,
): Place[] {
  const at = (value: number, options: Parameters<typeof stepsWork>[0]): Place => ({
    ...{ axis, value },
    work: () => stepsWork({ ...base, ...amounts, ...options }),
  });
  const shaped = (value: number, shape: Parameters<typeof writeEncoder>[1]): Place => {
    const model = writeEncoder(join(folder, `${axis}-${value}`), shape);
    return at(value, { model });
  };
  switch (axis) {
    case "tokens":
      return grids.tokens.map((tokens) => at(tokens, { tokens }));
    case "batch":
      return grids.batch.map((batch) => at(batch, { batch }));
    case "layers":
      return grids.layers.map((layers) => shaped(layers, { layers }));
    case "width":
      // Heads as wide as MiniLM's.
      return grids.width.map((hiddenSize) =>
        shaped(hiddenSize, {
          hiddenSize,
          heads: hiddenSize / 32,
          intermediateSize: 4 * hiddenSize,
        }),
      );
    case "rank":
      return grids.rank.map((rank) =>
        at(rank, { method: "lora", settings: { rank, alpha: rank } }),
      );
    case "share":
      return [
        ...grids.share.map((layers) => ({ method: "top", settings: { layers } }) as const),
        { method: "full", settings: {} } as const,
      ].map((method) => at(shareOf(method), method));
  }
}

/** Of all numbers of encoder and head the share that trains. */
function shareOf(of: Parameters<typeof methodOf>[0]): number {
  const config = configOf(minilmFolder);
  const method = methodOf(of, config.layers);
  const head = [...poolerShapes(config).values(), [2, config.hiddenSize], [2]];
  const encoder = [...encoderShapes(config)];
  const sum = (shapes: readonly (readonly number[])[]) =>
    shapes.reduce((total, shape) => total + sizeOf(shape), 0);
  const trained = encoder.filter(([name]) => method.trains(name));
  const shapes = (all: typeof encoder) => all.map(([, shape]) => shape);
  return (sum(shapes(trained)) + sum(head)) / (sum(shapes(encoder)) + sum(head));
}
