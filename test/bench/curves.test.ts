import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { costAxes, placesOf } from "./curves";

const folder = mkdtempSync(join(tmpdir(), "peftlab-curves-"));
afterAll(() => rmSync(folder, { recursive: true }));

const amounts = { warmup: 1, steps: 2 };
const light = costAxes.filter((axis) => axis !== "width" && axis !== "layers");

test.each(light)("%s rises, and each of its points is another work", (axis) => {
  const places = placesOf(axis, amounts, folder);
  const values = places.map(({ value }) => value);
  expect(values).toEqual([...values].sort((a, b) => a - b));
  const works = places.map(({ work }) => JSON.stringify(work()));
  expect(new Set(works).size).toBe(places.length);
});

test("a trained share runs from the head alone to everything", () => {
  const shares = placesOf("share", amounts, folder).map(({ value }) => value);
  expect(shares[0]).toBeCloseTo(148_610 / (22_565_376 + 148_610), 9);
  expect(shares.at(-1)).toBe(1);
});
