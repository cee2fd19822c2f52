import { JSDOM } from "jsdom";
import { expect, test } from "vitest";
import { tableForms } from "../../../src/kernel/values/table";

function frame(values: readonly unknown[], columns: string[], dtypes: string[], isSeries = false) {
  return {
    $isSeries: isSeries,
    shape: [values.length, columns.length],
    columns,
    dtypes,
    index: values.map((_, index) => index),
    values,
  };
}

const htmlOf = (value: object) => new JSDOM(tableForms(value)!["text/html"]).window.document;

test("a frame is a table with types, numbers on the right, everything escaped", () => {
  const value = frame(
    [
      [1, "<b>x</b>", null],
      [1 / 3, "two\nlines", { a: 1 }],
    ],
    ["n", "<i>s</i>", "o"],
    ["float32", "string", "object<"],
  );
  const document = htmlOf(value);
  const heads = [...document.querySelectorAll<HTMLElement>("thead th")];
  expect(heads.map((head) => head.textContent)).toEqual([
    "",
    "nfloat32",
    "<i>s</i>string",
    "oobject<",
  ]);
  expect(heads.slice(1).map((head) => head.style.textAlign)).toEqual(["right", "left", "left"]);
  const cells = [...document.querySelectorAll<HTMLElement>("td")];
  expect(cells.map((cell) => cell.textContent)).toEqual([
    "1",
    "<b>x</b>",
    "null",
    "0.333333",
    "two\\nlines",
    "{ a: 1 }",
  ]);
  expect(document.querySelector("b, i")).toBeNull();
  expect(document.body.textContent).toContain("2 rows × 3 columns");
  expect(tableForms(value)!["text/plain"]).toBe(
    [
      "          n  <i>s</i>    o",
      "    float32  string      object<",
      "-  --------  ----------  --------",
      "0         1  <b>x</b>    null",
      "1  0.333333  two\\nlines  { a: 1 }",
      "2 rows × 3 columns",
    ].join("\n"),
  );
});

test("of a long frame the ends are shown", () => {
  const rows = Array.from({ length: 1500 }, (_, index) => [index]);
  const value = frame(rows, ["n"], ["int32"]);
  const document = htmlOf(value);
  const cells = [...document.querySelectorAll("td")].map((cell) => cell.textContent);
  expect(cells).toHaveLength(201);
  expect([cells[0], cells[99], cells[100], cells[101], cells[200]]).toEqual([
    "0",
    "99",
    "…",
    "1400",
    "1499",
  ]);
  expect(document.body.textContent).toContain(
    "1,500 rows × 1 column; shown are 200 rows, from both ends",
  );
  expect(tableForms(value)!["text/plain"]!.length).toBeLessThan(1000);
  const whole = htmlOf(frame(rows.slice(0, 200), ["n"], ["int32"]));
  expect(whole.querySelectorAll("td")).toHaveLength(200);
});

test("so they are of a wide one, and of a long cell the beginning", () => {
  const names = Array.from({ length: 500 }, (_, index) => `c${index}`);
  const value = frame(
    [names.map(() => "x".repeat(1000))],
    names,
    names.map(() => "string"),
  );
  const document = htmlOf(value);
  expect(document.querySelectorAll("td")).toHaveLength(41);
  expect(document.querySelector("td")!.textContent).toHaveLength(300);
  expect(document.body.textContent).toContain("40 columns, from both ends");
});

test("a Series has one column", () => {
  const document = htmlOf(frame([1.5, Number.NaN], ["a"], ["float32"], true));
  expect([...document.querySelectorAll("td")].map((cell) => cell.textContent)).toEqual([
    "1.5",
    "NaN",
  ]);
  expect(document.body.textContent).toContain("2 rows");
});

test("an empty frame, and what is no frame", () => {
  expect(tableForms(frame([], [], []))!["text/plain"]).toContain("0 rows × 0 columns");
  for (const value of [{}, [], { columns: [], values: [] }])
    expect(tableForms(value)).toBeUndefined();
});
