import { expect, test, vi } from "vitest";
import { SetupError } from "../../src/setup/failure.cjs";
import type { Comparison } from "./comparisons";
import { evaluateWork, stepsWork } from "./make-work";
import { decidesNothing, parseMeasurement, runAll } from "./run";
import type { EvaluateWork, Measurement } from "./work";

vi.spyOn(process.stderr, "write").mockReturnValue(true);

const side = (milliseconds: number[], mebibytes: number): Measurement => ({
  milliseconds,
  peakBytes: mebibytes * 2 ** 20,
  ...{ trainable: 1, check: 0, threads: 2, versions: {} },
});
const steps = stepsWork({ batch: 1, tokens: 8 });
const comparison = (change: Partial<Comparison> = {}): Comparison => ({
  ...{ name: "full", label: "full", unit: "step", tolerance: 0 },
  peers: [{ name: "PyTorch", sides: ["eager", "compiled"], speed: 1, memory: 1 }],
  work: () => steps,
  ...change,
});

test("sides run in turn; one that decides nothing runs in the first repetition alone", async () => {
  const ran: string[] = [];
  const { rows } = await runAll([comparison(), comparison({ name: "lora" })], {
    ...{ repetitions: 2, folder: "" },
    measure: async (which, name) => {
      ran.push(`${name} ${which}`);
      return which === "eager" && name === "lora" ? side([200], 200) : side([100], 100);
    },
  });
  const once = ["full eager", "full compiled", "full peftlab"];
  expect(ran).toEqual([
    ...[...once, "lora eager", "lora compiled", "lora peftlab"],
    ...[...once, "lora compiled", "lora peftlab"],
  ]);
  expect(rows[0]!.leftOut).toEqual({});
  expect(rows[1]!.leftOut.eager).toContain("measured only there");
  expect(rows[1]!.rounds.map(({ sides }) => Object.keys(sides))).toEqual([
    ["eager", "compiled", "peftlab"],
    ["compiled", "peftlab"],
  ]);
});

test("what cannot be compiled is left out, any other failure ends it", async () => {
  const failing = (which: string) =>
    runAll([comparison()], {
      ...{ repetitions: 2, folder: "" },
      measure: async (side_) => {
        if (side_ === which) throw new SetupError("pytorch.py:\n  | no compiler found", "");
        return side([1], 1);
      },
    });
  const { rows } = await failing("compiled");
  expect(rows[0]!.leftOut).toEqual({ compiled: "failed: no compiler found" });
  await expect(failing("eager")).rejects.toThrow("no compiler");
});

test("a peer is measured with the batches that its trial found fastest, we with ours", async () => {
  const texts = { task: "mrpc", dev: [{ text: "a", target: 0 }] } as const;
  const batches: number[][] = [];
  const { rows } = await runAll(
    [
      comparison({
        peers: [{ name: "onnxruntime", sides: ["onnxruntime"], speed: 1 }],
        trial: evaluateWork(texts, { batches: [8, 32, 64], passes: 1 }),
        work: (_, batch = 0) => evaluateWork(texts, { batches: [batch], passes: 1 }),
      }),
    ],
    {
      ...{ repetitions: 2, folder: "" },
      measure: async (_, __, work) => {
        batches.push([...(work as EvaluateWork).batches]);
        return side([3, 1, 2], 1);
      },
    },
  );
  expect(batches).toEqual([[8, 32, 64], [32], [0], [32], [0]]);
  expect(rows[0]!.batches).toEqual({ onnxruntime: 32 });
});

test("a side that another one beats in time and memory decides nothing", () => {
  const [peer] = comparison().peers;
  const sides = (eager: Measurement, compiled: Measurement) => ({ eager, compiled });
  expect(decidesNothing(peer!, sides(side([120], 110), side([100], 100)))).toEqual(["eager"]);
  expect(decidesNothing(peer!, sides(side([120], 100), side([100], 100)))).toEqual([]);
  expect(decidesNothing(peer!, sides(side([105], 110), side([100], 100)))).toEqual([]);
  const { memory: _, ...fast } = peer!;
  expect(decidesNothing(fast, sides(side([100], 100), side([120], 50)))).toEqual(["compiled"]);
});

test("a measurement is found among warnings", () => {
  const measurement = side([1, 2], 3);
  const output = `a warning\n${JSON.stringify(measurement)}\nanother`;
  expect(parseMeasurement(output)).toEqual(measurement);
  expect(() => parseMeasurement("Killed")).toThrow("Killed");
});
