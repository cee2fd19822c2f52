import { expect, test } from "vitest";
import { root } from "../../../src/setup/paths";
import { converse } from "../conversation";

test("stack traces call a cell by the number that the notebook shows", () => {
  const [, first, , , second, unnumbered] = converse(root, [
    { execute: "1", unnumbered: true },
    { execute: "throw new Error('first')" },
    { execute: "2", unnumbered: true },
    { execute: "const later = () => { throw new Error('later'); };" },
    { execute: "\nlater()" },
    { execute: "throw new Error('none')", unnumbered: true },
  ]);
  const trace = (reply: typeof first) => reply!.error!.traceback.join("\n");
  expect(trace(first)).toContain("cell:1:1:7");
  expect(trace(second)).toContain("cell:2:1:29");
  expect(trace(second)).toContain("cell:3:2:6");
  expect(trace(unnumbered)).not.toContain("cell:");
}, 60_000);
