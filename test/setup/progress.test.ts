import { expect, it } from "vitest";
import { megabytes, progressLine } from "../../src/setup/progress.cjs";

function record(isTTY: boolean) {
  const written: string[] = [];
  return { written, stream: { isTTY, write: (text: string) => written.push(text) } };
}

it("a terminal's line is rewritten in place and ends with the time", () => {
  const { written, stream } = record(true);
  const line = progressLine("downloading x", stream);
  for (let i = 0; i <= 1000; i++) line.update(i, 1000);
  line.end();
  expect(written).toHaveLength(102);
  expect(written.slice(0, -1).every((text) => text.startsWith("\r") && !text.includes("\n"))).toBe(
    true,
  );
  expect(written[50]).toContain("50 % (500 of 1000)");
  expect(written.at(-1)).toMatch(/downloading x done \(\d+\.\d s\)\n$/);
});

it("elsewhere there are at most four lines on the way", () => {
  const { written, stream } = record(false);
  const line = progressLine("unpacking", stream);
  for (let i = 0; i <= 300; i++) line.update(i * 1e6, 300e6, megabytes);
  line.end("done");
  expect(written.map((text) => text.trim().replace(/\(\d+\.\d s\)/, ""))).toEqual([
    "unpacking  25 % (75 MB of 300 MB)",
    "unpacking  50 % (150 MB of 300 MB)",
    "unpacking  75 % (225 MB of 300 MB)",
    "unpacking 100 % (300 MB of 300 MB)",
    "unpacking done ",
  ]);
});
