import { expect, test } from "vitest";
import { tensorForms } from "../../../src/kernel/values/tensors";

interface Sample {
  shape: number[];
  dtype?: string;
  values?: ArrayLike<unknown>;
  isDisposed?: boolean;
  trainable?: boolean;
  name?: string;
}

function tensor({ shape, dtype = "float32", values, ...rest }: Sample) {
  const size = shape.reduce((product, length) => product * length, 1);
  return {
    dataId: {},
    isDisposed: false,
    shape,
    dtype,
    size,
    dataSync: () => values ?? Array.from({ length: size }, (_, index) => index),
    ...rest,
  };
}

const textOf = (sample: Sample) => tensorForms(tensor(sample))!["text/plain"];

test("a tensor is its type, shape and values", () => {
  expect(textOf({ shape: [2, 3], values: [1, -2.5, 3, 4, 1 / 3, Number.NaN] })).toBe(
    "Tensor float32 [2, 3] (6 values)\n[[      1,    -2.5,       3],\n [      4, 0.33333,     NaN]]",
  );
  expect(textOf({ shape: [], values: [7] })).toBe("Tensor float32 []\n7");
  expect(textOf({ shape: [0, 3] })).toBe("Tensor float32 [0, 3] (0 values)\nno values");
  expect(textOf({ shape: [1], trainable: true, name: "w" })).toBe(
    "Variable w float32 [1] (1 value)\n[0]",
  );
  expect(textOf({ shape: [1], isDisposed: true })).toContain("disposed");
});

test("every type of value", () => {
  expect(textOf({ shape: [2], dtype: "bool", values: [1, 0] })).toContain("[ true, false]");
  expect(textOf({ shape: [1], dtype: "string", values: ['<"\n'] })).toContain('["<\\"\\n"]');
  expect(textOf({ shape: [2], dtype: "complex64", values: [1, 2, 0, -1] })).toContain(
    "[1+2i, 0-1i]",
  );
});

test("of long axes the ends are shown", () => {
  expect(textOf({ shape: [100] })).toContain("[ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, …, 90,");
  expect(textOf({ shape: [8, 2] })!.split("\n")).toHaveLength(1 + 7);
  expect(textOf({ shape: [9, 9, 9, 9, 9, 9] })!.length).toBeLessThan(10_000);
});

test("of a large tensor only a corner is fetched, and disposed", () => {
  let disposed = 0;
  const corner = { ...tensor({ shape: [6, 6] }), dispose: () => disposed++ };
  const large = {
    ...tensor({ shape: [5000, 5000] }),
    dataSync: () => {
      throw new Error("too much");
    },
    slice: (begin: number[], size: number[]) => {
      expect([begin, size]).toEqual([
        [0, 0],
        [6, 6],
      ]);
      return corner;
    },
  };
  const text = tensorForms(large)!["text/plain"]!;
  expect(text).toMatch(/^\[\[ 0, {2}1, {2}2, {2}3, {2}4, {2}5, …\],$/m);
  expect(text.trimEnd().endsWith("…]")).toBe(true);
  expect(disposed).toBe(1);
});

test("values that cannot be read are said, HTML is escaped, and other objects are none", () => {
  const broken = { ...tensor({ shape: [2] }), dataSync: () => JSON.parse("<") };
  expect(tensorForms(broken)!["text/plain"]).toContain("cannot be read: ");
  const html = tensorForms(
    tensor({ shape: [1], dtype: "string", values: ["<b>"], name: "<i>", trainable: false }),
  )!["text/html"];
  expect(html).not.toMatch(/<b>"|<i>/);
  for (const value of [{}, { ...tensor({ shape: [1] }), shape: [-1] }]) {
    expect(tensorForms(value)).toBeUndefined();
  }
});
