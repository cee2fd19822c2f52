import ts from "typescript";
import { expect, test } from "vitest";
import { applyEdits } from "../../src/kernel/edits";
import { shorthandEdits } from "../../src/kernel/shorthand";

const expand = (code: string, cursor?: number) =>
  applyEdits(code, shorthandEdits(code, ts), cursor).code;

test.each([
  ["train({ task, seed: 1, ...rest });", "train({ task: task, seed: 1, ...rest });"],
  ["({ a } = b);", "({ a: a } = b);"],
  ["({ a = 1, b: [c] } = d);", "({ a: a = 1, b: [c] } = d);"],
  ["f({ a: { b }, c })", "f({ a: { b: b }, c: c })"],
  // Declarations, parameters and imports have no shorthand of this kind.
  ["const { a, b = 1 } = c;", undefined],
  ["(({ a }) => a)(b)", undefined],
  ['import { a } from "b"; export { a };', undefined],
  ['const text = "{ a }";', undefined],
  // A cell under way.
  ["train({ task, ", "train({ task: task, "],
])("%s", (written, expanded = written) => {
  expect(expand(written)).toBe(expanded);
});

test("the name that is being typed stays", () => {
  expect(expand("train({ tas", 11)).toBe("train({ tas");
});
