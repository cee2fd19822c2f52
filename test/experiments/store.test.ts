import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hashOf } from "../../src/experiments/hash";
import {
  findRecord,
  prepareFolder,
  readRecord,
  runFolder,
  setAside,
  storedHashes,
  writeRecord,
} from "../../src/experiments/store";
import { exampleRecord } from "../fixtures/experiments/record";

let store: string;
beforeEach(() => {
  store = mkdtempSync(join(tmpdir(), "peftlab-store-"));
});
afterEach(() => rmSync(store, { recursive: true }));

const record = exampleRecord();
const keep = (kept = record) => {
  const folder = runFolder(store, kept.hash);
  prepareFolder(folder, kept.specification);
  writeRecord(folder, kept);
  return folder;
};

test("a record comes back as it was written, under the hash of its specification", () => {
  const folder = keep();
  expect(record.hash).toBe(hashOf(record.specification));
  expect(readRecord(folder)).toEqual(record);
  expect(JSON.parse(readFileSync(folder.specification, "utf8"))).toEqual(record.specification);
  expect(storedHashes(store)).toEqual([record.hash]);
});

test("a run that has not ended has no record", () => {
  const folder = runFolder(store, record.hash);
  expect(readRecord(folder)).toBeUndefined();
  prepareFolder(folder, record.specification);
  expect(readRecord(folder)).toBeUndefined();
  expect(() => findRecord(store, record.hash)).toThrow("has not ended");
});

test("a record that is cut short, empty, or of another run is refused by name", () => {
  const folder = keep();
  const text = readFileSync(folder.record, "utf8");
  const others = [
    text.slice(0, -20),
    "",
    "null",
    "{}",
    text.replace('"fraction": 1', '"fraction": 0.5'),
  ];
  for (const other of others) {
    writeFileSync(folder.record, other);
    expect(() => readRecord(folder), other.slice(0, 20)).toThrow(folder.record);
  }
  expect(setAside(folder)).toBe(`${folder.record}.unreadable`);
  expect(readRecord(folder)).toBeUndefined();
});

test("what a killed writer left is cleared when the run goes on", () => {
  const folder = keep();
  writeFileSync(`${folder.trained}.1234.tmp`, "half");
  prepareFolder(folder, record.specification);
  expect(readdirSync(folder.path).sort()).toEqual(["record.json", "specification.json"]);
});

test("a run is found by a part of its hash that is its alone", () => {
  keep();
  expect(findRecord(store, record.hash.slice(0, 8)).hash).toBe(record.hash);
  expect(() => findRecord(store, "zz")).toThrow('begins with "zz"');
  expect(() => findRecord(store, "")).toThrow("No run");
  const twin = `${record.hash.slice(0, 8)}${"0".repeat(56)}`;
  prepareFolder(runFolder(store, twin), record.specification);
  expect(() => findRecord(store, record.hash.slice(0, 8))).toThrow(/2 runs .* Give more/);
});
