import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { hasStamp, replaceFolder } from "../../src/setup/folder";
import { temporaryFolder } from "./temporary";

it("a folder appears complete and stamped, and nothing is left beside it", async () => {
  const folder = join(temporaryFolder(), "a", "b");
  await replaceFolder(folder, async (partial) => {
    expect(existsSync(folder)).toBe(false);
    writeFileSync(join(partial, "file"), "new");
    return { version: "2" };
  });
  expect(readFileSync(join(folder, "file"), "utf8")).toBe("new");
  expect(hasStamp(folder, { version: "2" })).toBe(true);
  expect(hasStamp(folder, { version: "3" })).toBe(false);
  expect(existsSync(`${folder}.partial`)).toBe(false);
  expect(existsSync(`${folder}.old`)).toBe(false);
});

it("a failed attempt leaves the old folder as it was, and the next one starts clean", async () => {
  const folder = join(temporaryFolder(), "a");
  const fill = (text: string) => async (partial: string) => {
    writeFileSync(join(partial, text), text);
    return { version: text };
  };
  await replaceFolder(folder, fill("one"));
  const failing = replaceFolder(folder, async (partial) => {
    writeFileSync(join(partial, "half"), "half");
    throw new Error("the network is gone");
  });
  await expect(failing).rejects.toThrow("the network is gone");
  expect(hasStamp(folder, { version: "one" })).toBe(true);
  await replaceFolder(folder, fill("two"));
  expect(hasStamp(folder, { version: "two" })).toBe(true);
  expect(existsSync(join(folder, "one"))).toBe(false);
  expect(existsSync(join(folder, "half"))).toBe(false);
});

it("a folder without a stamp, or with a damaged one, is not taken for finished", () => {
  const folder = temporaryFolder();
  expect(hasStamp(folder, {})).toBe(false);
  mkdirSync(join(folder, "x"));
  writeFileSync(join(folder, ".peftlab.json"), '{"version":');
  expect(hasStamp(folder, {})).toBe(false);
});
