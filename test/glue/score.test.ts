import { expect, test } from "vitest";
import { floorScores, loadTask, score, tasks } from "../../src/glue";
import { fitStandardisation, restore, standardise } from "../../src/glue/targets";
import { realGlue } from "./real";

test("a task's own metrics, in its order", () => {
  expect(score(tasks.mrpc, [1, 1, 0, 0], [1, 0, 0, 0])).toEqual({ accuracy: 0.75, f1: 2 / 3 });
  expect(Object.keys(score(tasks.cola, [1], [1]))).toEqual(["matthews", "accuracy"]);
  expect(score(tasks.stsb, [2, 2, 2], [1, 2, 3])).toEqual({ pearson: null, spearman: null });
});

test("score targets are standardised and come back", () => {
  const targets = [0, 1.2, 5, 3.8];
  const fit = fitStandardisation(targets);
  const standardised = targets.map((target) => standardise(target, fit));
  const mean = standardised.reduce((sum, value) => sum + value, 0) / 4;
  const variance = standardised.reduce((sum, value) => sum + value ** 2, 0) / 4;
  expect(mean).toBeCloseTo(0, 12);
  expect(variance).toBeCloseTo(1, 12);
  for (const [row, value] of standardised.entries())
    expect(restore(value, fit)).toBeCloseTo(targets[row]!, 12);
});

test("targets that are all equal are only shifted", () => {
  const fit = fitStandardisation([0.1, 0.1, 0.1]);
  expect(fit.deviation).toBe(1);
  expect(restore(standardise(0.1, fit), fit)).toBeCloseTo(0.1, 12);
});

test("floors of the sample corpus", async () => {
  const offline = { environment: { HF_HUB_OFFLINE: "1" }, folder: "/nowhere", say: () => {} };
  const mrpc = await loadTask("mrpc", offline);
  const positive = mrpc.test.filter(({ target }) => target === 1).length / mrpc.test.length;
  expect(floorScores(mrpc).accuracy).toBeCloseTo(positive, 12);
  expect(floorScores(await loadTask("cola", offline)).matthews).toBe(0);
  expect(floorScores(await loadTask("stsb", offline))).toEqual({ pearson: null, spearman: null });
});

test.runIf(realGlue)("floors of real GLUE", async () => {
  const options = { environment: { PEFTLAB_GLUE: realGlue } };
  const mrpc = floorScores(await loadTask("mrpc", options));
  expect(mrpc.accuracy).toBeCloseTo(0.6838, 4);
  expect(mrpc.f1).toBeCloseTo(0.8122, 4);
  const cola = floorScores(await loadTask("cola", options));
  expect(cola.accuracy).toBeCloseTo(0.6913, 4);
  expect(cola.matthews).toBe(0);
});
