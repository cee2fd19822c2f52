import { expect, test } from "vitest";
import { evaluationComparisons, figuresOf, trainingComparisons } from "./comparisons";
import { madeUpTexts } from "./made-up";
import { programOf } from "./programs";
import type { StepsWork } from "./work";

const amounts = { warmup: 3, steps: 5 };

test("on a card the works say so, as much as PyTorch is expected, and TF32 has a row", () => {
  const [cpu, gpu] = (["cpu", "gpu"] as const).map((device) =>
    trainingComparisons({ ...amounts, device }, "/nowhere"),
  );
  const names = (all: typeof cpu) => all!.map(({ name }) => name);
  expect(names(gpu)).toEqual(
    names(cpu).flatMap((name) => (name === "bfloat16-full" ? ["tf32-full", name] : [name])),
  );
  expect(cpu![0]!.peers[0]).toMatchObject({ speed: 2.2, memory: 1 });
  for (const { peers } of gpu!) {
    expect(peers.map(({ name }) => name)).toEqual(["PyTorch"]);
    expect(peers[0]!.speed).toBe(1);
  }
  const [onCpu, onGpu] = [cpu, gpu].map((all) => all![0]!.work(0) as StepsWork);
  expect(onCpu).toMatchObject({ device: "cpu", together: 1, warmup: 3, steps: 5 });
  expect(onGpu).toMatchObject({ device: "gpu", together: 8, warmup: 8, steps: 8 });
  expect(figuresOf("training", "gpu")).toBe("training-gpu");
});

test("each side is told its device", () => {
  const texts = madeUpTexts(20, [0, 1]);
  for (const device of ["cpu", "gpu"] as const) {
    const [{ work, peers } = { work: undefined, peers: [] }] = evaluationComparisons([texts], {
      passes: 1,
      device,
    });
    expect(peers.length).toBe(device === "cpu" ? 2 : 1);
    const [, , { env }] = programOf("peftlab", work!(0), "work.json", "model.onnx");
    expect(env!.CUDA_VISIBLE_DEVICES).toBe(
      device === "cpu" ? "" : process.env.CUDA_VISIBLE_DEVICES,
    );
    expect(env!.PEFTLAB_DEVICE).toBe(device === "gpu" ? "gpu" : process.env.PEFTLAB_DEVICE);
  }
});
