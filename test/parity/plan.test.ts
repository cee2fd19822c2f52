import { expect, test } from "vitest";
import type { Row } from "../../src/glue";
import { makePlan } from "./plan";

/** Words as ids, `[CLS]` and `[SEP]` around them. */
const tokenizer = {
  size: 2000,
  encode(text: string, pair: string | undefined) {
    const words = (of: string) => of.split(" ").map((word) => 1000 + Number(word));
    const first = [101, ...words(text), 102];
    const second = [...words(pair!), 102];
    return {
      ids: [...first, ...second],
      types: [...first.map(() => 0), ...second.map(() => 1)],
    };
  },
};
const row = (n: number): Row => ({
  text: Array.from({ length: 1 + (n % 7) }, (_, i) => n + i).join(" "),
  pair: `${n}`,
  target: n % 2,
});
const rows = Array.from({ length: 300 }, (_, n) => row(n));
const planOf = (train: readonly Row[]) =>
  makePlan({ train, dev: rows.slice(0, 5), tokenizer, hiddenSize: 8, seeds: [1, 2] });
const plan = planOf(rows);

test("an epoch has every row once, in batches of 32 of similar length", () => {
  const { batches } = plan.seeds[0]!;
  expect(batches).toHaveLength(4 * 10);
  for (let epoch = 0; epoch < 4; epoch++) {
    const own = batches.slice(10 * epoch, 10 * (epoch + 1));
    expect(own.flat().sort((a, b) => a - b)).toEqual([...rows.keys()]);
    expect(own.filter((batch) => batch.length === 32)).toHaveLength(9);
  }
  const spread = batches.map((batch) => {
    const lengths = batch.map((at) => plan.train[at]!.ids.length);
    return Math.max(...lengths) - Math.min(...lengths);
  });
  // By chance it would be 6 almost everywhere.
  expect(spread.reduce((a, b) => a + b) / spread.length).toBeLessThan(3);
});

test("segment B starts behind the first separator", () => {
  for (const { ids, second } of [...plan.train, ...plan.dev]) expect(ids[second - 1]).toBe(102);
});

test("seeds differ, in order and classifier; the order in which rows arrive changes nothing", () => {
  const [one, two] = plan.seeds;
  expect(one!.batches).not.toEqual(two!.batches);
  expect(one!.classifier).not.toEqual(two!.classifier);
  expect(planOf([...rows].reverse())).toEqual(plan);
});

test("the rate rises over a tenth of the steps and falls to 0 at the end", () => {
  const { rates } = plan.recipe;
  expect(rates).toHaveLength(40);
  expect(rates.slice(0, 5)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(rates[22]).toBeCloseTo(0.5, 12);
  expect(rates.at(-1)).toBeCloseTo(1 / 36, 12);
});

test("the classifier is drawn from N(0, 0.02)", () => {
  const { seeds } = makePlan({
    train: rows.slice(0, 4),
    dev: [],
    tokenizer,
    hiddenSize: 20_000,
    seeds: [3],
  });
  const values = seeds[0]!.classifier.flat();
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  expect(Math.abs(mean)).toBeLessThan(5e-4);
  expect(Math.abs(deviation - 0.02)).toBeLessThan(4e-4);
});
