import { DataFrame, tensorflow } from "danfojs-node";
import { JSDOM } from "jsdom";
import { expect, test } from "vitest";
import { bundleOf } from "../../src/kernel/values/bundle";

// The real objects; danfo takes seconds to load, so here only.
test("a danfo DataFrame and Series", async () => {
  const frame = new DataFrame([
    { name: "<b>", score: 0.5 },
    { name: "y", score: null },
  ]);
  const { data } = (await bundleOf(frame)).bundle;
  const { document } = new JSDOM(data["text/html"] as string).window;
  expect([...document.querySelectorAll("thead th")].map((head) => head.textContent)).toEqual([
    "",
    "namestring",
    "scorefloat32",
  ]);
  expect([...document.querySelectorAll("td")].map((cell) => cell.textContent)).toEqual([
    "<b>",
    "0.5",
    "y",
    "null",
  ]);
  const series = (await bundleOf(frame.column("score"))).bundle.data;
  expect(series["text/plain"]).toContain("2 rows");
  expect(series["text/html"]).toContain("<table");
});

test("tfjs tensors, large ones without a leak", async () => {
  const { memory, tensor2d, variable, zeros } = tensorflow;
  const large = zeros([1500, 1500]);
  const trained = variable(tensor2d([[1, 2]]), true, "w");
  const before = memory().numTensors;
  expect((await bundleOf(trained)).bundle.data["text/plain"]).toBe(
    "Variable w float32 [1, 2] (2 values)\n[[1, 2]]",
  );
  expect((await bundleOf(large)).bundle.data["text/plain"]).toContain("[[0, 0, 0, 0, 0, 0, …],");
  expect(memory().numTensors).toBe(before);
  large.dispose();
  expect((await bundleOf(large)).bundle.data["text/plain"]).toContain("disposed");
});
