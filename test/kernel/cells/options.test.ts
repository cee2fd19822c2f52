import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Session } from "../../../src/kernel/cells/session";
import { createCheckpoint } from "../../../src/kernel/modules/checkpoints";
import { createFolder } from "../files";

// The compiler takes seconds to start, and more on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describe("a changed tsconfig.json", () => {
  const own = createFolder();
  let reading: Session;
  const runIn = async (code: string) => (await reading.run(reading.compile(code)))?.value;
  const options = (text: string) =>
    own.write({ "base.json": `{ "compilerOptions": { ${text} } }` });
  beforeAll(() => {
    own.write({
      "tsconfig.json": '{ "extends": "./base.json" }',
      "src/a.ts": "export class A { field; } export const keys = Object.keys(new A());",
      "lib/word.ts": "export const word = 'lib'",
    });
    options('"strict": false, "useDefineForClassFields": false');
    reading = new Session(
      own.path,
      createCheckpoint(() => {}),
      { tslab: () => ({}) },
    );
  });
  afterAll(() => own.delete());

  test("is used by the next cell, for types, paths and what files become", async () => {
    expect(await reading.refresh()).toEqual([]);
    await runIn('import { keys } from "./src/a";');
    expect(await runIn("const loose = (x) => x; keys")).toEqual([]);
    options('"strict": true, "useDefineForClassFields": true, "paths": { "@/*": ["./lib/*"] }');
    expect(await reading.refresh()).toEqual([]);
    expect(() => reading.compile("const strict = (x) => x;")).toThrow(
      "implicitly has an 'any' type",
    );
    expect(await runIn("keys")).toEqual(["field"]);
    expect(await runIn('import { word } from "@/word"; word')).toBe("lib");
  });

  test("that is wrong is said once and leaves the options as they were", async () => {
    options('"strict": maybe');
    const said = await reading.refresh();
    expect(said[0]).toMatch(/base\.json\(1,34\): error TS5024: Compiler option 'strict' requires/);
    expect(said.at(-1)).toBe("The options stay as they were.");
    expect(await reading.refresh()).toEqual([]);
    expect(() => reading.compile("const strict = (x) => x;")).toThrow(
      "implicitly has an 'any' type",
    );
    own.write({ "tsconfig.json": '{ "extends": "./base.json", ' });
    expect((await reading.refresh())[0]).toMatch(
      /tsconfig\.json\(1,\d+\): error TS1005: '}' expected/,
    );
    own.write({ "tsconfig.json": '{ "extends": "./base.json" }' });
    options('"strict": false');
    expect(await reading.refresh()).toEqual([]);
    expect(await runIn("const loose = (x) => x; loose(1)")).toBe(1);
  });
});

test("a tsconfig.json that comes nearer asks for a restart", async () => {
  const own = createFolder({ "tsconfig.json": "{}", "in/a.ts": "" });
  const inner = new Session(
    join(own.path, "in"),
    createCheckpoint(() => {}),
    { tslab: () => ({}) },
  );
  expect(await inner.refresh()).toEqual([]);
  own.write({ "in/tsconfig.json": "{}" });
  const file = join(own.path, "in/tsconfig.json");
  expect(await inner.refresh()).toEqual([`${file} is new; restart the kernel to use it.`]);
  expect(await inner.refresh()).toEqual([]);
  own.delete();
});
