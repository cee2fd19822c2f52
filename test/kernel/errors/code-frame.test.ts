import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { type CodePlace, codeFrame } from "../../../src/kernel/errors/code-frame";

const frame = (source: string, place: CodePlace) =>
  codeFrame(source, place).map(stripVTControlCharacters);

const ten = Array.from({ length: 10 }, (_, index) => `line(${index + 1});`).join("\n");

test("the line that is meant, two around it, and a caret", () => {
  expect(frame(ten, { line: 8, column: 6 })).toEqual([
    "   6 | line(6);",
    "   7 | line(7);",
    ">  8 | line(8);",
    "     |      ^",
    "   9 | line(9);",
    "  10 | line(10);",
  ]);
});

test("at the ends of the text, and a stretch of a line", () => {
  expect(frame("a b c\r\n", { line: 1, column: 3, length: 2 })).toEqual([
    "> 1 | a b c",
    "    |   ^^",
  ]);
  expect(frame("a", { line: 1, column: 99, length: 50 })).toEqual(["> 1 | a", "    |  ^"]);
  expect(frame("", { line: 1, column: 1 })).toEqual(["> 1 |", "    | ^"]);
  expect(frame("a\n\nb", { line: 2, column: 1 })).toEqual([
    "  1 | a",
    "> 2 |",
    "    | ^",
    "  3 | b",
  ]);
  expect(frame("a", { line: 2, column: 1 })).toEqual([]);
  expect(frame("a", { line: 0, column: 0 })).toEqual([]);
  expect(frame("a", { line: Number.NaN, column: Number.NaN })).toEqual([]);
});

test("tabs stay below tabs, and control characters are shown as one", () => {
  expect(frame("\t\tx\x1b[31my", { line: 1, column: 3 })[0]).toBe("> 1 | \t\tx\ufffd[31my");
  expect(frame("\t\tx", { line: 1, column: 3 })[1]).toBe("    | \t\t^");
});

test("of a long line the part around the column is shown", () => {
  const line = `${"a".repeat(5000)}HERE${"b".repeat(5000)}`;
  const [code, caret] = frame(line, { line: 1, column: 5001, length: 4 });
  expect(code!.length).toBeLessThan(140);
  const at = caret!.indexOf("^");
  expect(code!.slice(at, at + 4)).toBe("HERE");
});
