import { JSDOM } from "jsdom";
import { describe, expect, it } from "vitest";
import { DataFrame } from "../../src/analysis/danfo";
import { resultsTable } from "../../src/analysis/results";
import { table } from "../../src/analysis/tables";
import { display } from "../../src/experiments/types";
import { diverged, study } from "./records";

const frame = new DataFrame([
  { name: '<b>a & "b"</b>', score: 0.123456789, rows: 12345678, note: null },
  { name: "c", score: null, rows: 5, note: "x" },
]);

function parsed(html: string) {
  return new JSDOM(html).window.document;
}

describe("table", () => {
  it("escapes what cells, headings and caption say", () => {
    const { html } = table(new DataFrame([{ "<i>": "<script>alert(1)</script>" }]), {
      caption: "<u>caption</u>",
    });
    const page = parsed(html);
    expect(page.querySelectorAll("script, i, u")).toHaveLength(0);
    expect(page.querySelector("td")!.textContent).toBe("<script>alert(1)</script>");
    expect(page.querySelector("caption")!.textContent).toBe("<u>caption</u>");
  });

  it("puts numbers on the right, names types, and marks what is missing", () => {
    const page = parsed(table(frame).html);
    const cells = [...page.querySelectorAll("td")].map((cell) => [
      cell.textContent,
      cell.style.textAlign,
    ]);
    expect(cells).toEqual([
      ['<b>a & "b"</b>', "left"],
      ["0.123457", "right"],
      ["12345678", "right"],
      ["–", "left"],
      ["c", "left"],
      ["–", "right"],
      ["5", "right"],
      ["x", "left"],
    ]);
    expect([...page.querySelectorAll("th small")].map((type) => type.textContent)).toEqual([
      "string",
      "float32",
      "int32",
      "string",
    ]);
  });

  it("aligns its text form", () => {
    const { text } = table(frame, {
      columns: { rows: "Rows", score: "Score" },
      formats: { score: (cell) => (cell === null ? "none" : Number(cell).toFixed(2)) },
      caption: "Two rows",
    });
    expect(text.split("\n")).toEqual([
      "Two rows",
      "    Rows  Score",
      "--------  -----",
      "12345678   0.12",
      "       5   none",
    ]);
  });

  it("says how many rows it leaves out", () => {
    expect(table(frame, { rows: 1 }).text).toContain("1 more row");
    expect(table(frame, { rows: 1 }).html).toContain("1 more row");
    expect(table(frame, { rows: 2 }).html).not.toContain("more");
  });

  it("names the columns there are when one is asked for that is not", () => {
    expect(() => table(frame, { columns: { rate: "Rate" } })).toThrow(
      'no column "rate"; it has name, score, rows, note',
    );
  });
});

it("shows a frame as a table", () => {
  const shown = (frame as unknown as { [display](): Record<string, string> })[display]();
  expect(shown).toEqual(table(frame)[display]());
});

describe("resultsTable", () => {
  it("has a row a task and method, with floor, spread, shares and seconds", () => {
    const page = parsed(resultsTable(study(3)).html);
    expect(page.querySelectorAll("tbody tr")).toHaveLength(15);
    const bitfit = [...page.querySelectorAll("tbody tr")].find((row) =>
      row.textContent!.includes("BitFit"),
    )!;
    const cells = [...bitfit.children].map((cell) => cell.textContent!);
    expect(cells).toContain("25,728");
    expect(cells).toContain("148,610");
    expect(cells).toContain("68.4");
  });

  it("counts diverged runs when there are some", () => {
    expect(resultsTable(study(1)).text).not.toContain("Diverged");
    expect(resultsTable([...study(1), diverged("mrpc", "bitfit", 2)]).text).toContain("Diverged");
  });
});
