import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../models/files";
import { hashOf } from "./hash";
import type { RunRecord, RunSpecification } from "./types";

/** Where one run keeps what it has: `<store>/<hash>/`. */
export interface RunFolder {
  readonly path: string;
  /** What the hash stands for. */
  readonly specification: string;
  /** Present when the run has ended. */
  readonly record: string;
  /** One JSON object a line, written while the run goes on. */
  readonly curve: string;
  /** What the run goes on from after a stop: beside it lie trained parameters and optimiser slots. Removed at the end. */
  readonly state: string;
  /** Trained parameters at the end. */
  readonly trained: string;
}

export function runFolder(store: string, hash: string): RunFolder {
  const path = join(store, hash);
  return {
    path,
    specification: join(path, "specification.json"),
    record: join(path, "record.json"),
    curve: join(path, "curve.jsonl"),
    state: join(path, "state.json"),
    trained: join(path, "trained.safetensors"),
  };
}

/** Where a store keeps what frozen encoders made of rows. */
export const featuresFolder = (store: string): string => join(store, "features");

/** Where a store keeps what steps cost on this machine. */
export const calibrationFolder = (store: string): string => join(store, "calibration");

/** Makes the folder of a run that is about to start, and clears what a killed writer left behind. */
export function prepareFolder(folder: RunFolder, specification: RunSpecification): void {
  mkdirSync(folder.path, { recursive: true });
  for (const name of readdirSync(folder.path)) {
    if (name.endsWith(".tmp")) rmSync(join(folder.path, name), { force: true });
  }
  writeWhole(folder.specification, `${JSON.stringify(specification, null, 2)}\n`);
}

export function writeRecord(folder: RunFolder, record: RunRecord): void {
  writeWhole(folder.record, `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * The record of a run that has ended, `undefined` where there is none.
 * @throws when there is one that cannot be used: not JSON, cut short, or of another run
 */
export function readRecord(folder: RunFolder): RunRecord | undefined {
  if (!existsSync(folder.record)) return undefined;
  const text = readFileSync(folder.record, "utf8");
  let record: Partial<RunRecord>;
  try {
    record = JSON.parse(text) as Partial<RunRecord>;
  } catch {
    throw new Error(`${folder.record} is not whole JSON. Remove it and train the run again.`);
  }
  const complete = record?.specification && record.scores && record.curve;
  if (!complete || hashOf(record.specification) !== record.hash) {
    throw new Error(
      `${folder.record} is not the record of its specification. Remove it and train the run again.`,
    );
  }
  return record as RunRecord;
}

/** Puts a record that cannot be used out of the way, so that the run is trained again; returns its new name. */
export function setAside(folder: RunFolder): string {
  const aside = `${folder.record}.unreadable`;
  renameSync(folder.record, aside);
  return aside;
}

/** Hashes in the store, of ended runs and others. */
export function storedHashes(store: string): string[] {
  if (!existsSync(store)) return [];
  return readdirSync(store).filter((name) => /^[0-9a-f]{64}$/.test(name));
}

/**
 * The record whose hash is `hash` or begins with it.
 * @throws when there is none or more than one, and when the run has not ended
 */
export function findRecord(store: string, hash: string): RunRecord {
  const matches = storedHashes(store).filter((name) => name.startsWith(hash.toLowerCase()));
  const [match, another] = matches;
  if (match === undefined || hash === "") {
    throw new Error(
      `No run in ${store} has a hash that begins with "${hash}". \`npm run train -- … --json\` prints a run's hash.`,
    );
  }
  if (another !== undefined) {
    throw new Error(
      `${matches.length} runs in ${store} begin with "${hash}": ${matches.join(", ")}. Give more of the hash.`,
    );
  }
  const record = readRecord(runFolder(store, match));
  if (record === undefined) {
    throw new Error(
      `Run ${match} has not ended. Train it again with the same options: it goes on.`,
    );
  }
  return record;
}
