import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

export const sides = ["pytorch", "peftlab"] as const;
export const methods = ["full", "bitfit"] as const;

const record = z.strictObject({
  side: z.enum(sides),
  method: z.enum(methods),
  seed: z.int(),
  /** SHA-256 of the plan's file: a record of another plan counts as none. */
  plan: z.string(),
  trainable: z.int(),
  steps: z.int(),
  /** Percent, of MRPC's dev set after the last step. */
  accuracy: z.number(),
  f1: z.number(),
  /** Of all training steps. */
  seconds: z.number(),
  device: z.string(),
  versions: z.record(z.string(), z.string()),
  /** Mean loss of each epoch. */
  losses: z.array(z.number()),
  /** Of the plan's dev rows, a digit each. */
  predictions: z.string(),
});

/** One run of the parity table; mrpc.py writes the same. */
export type ParityRecord = z.output<typeof record>;
export type RunName = Pick<ParityRecord, "side" | "method" | "seed">;

/** Such as `pytorch-full-1`. */
export const runName = ({ side, method, seed }: RunName) => `${side}-${method}-${seed}`;

const fileOf = (folder: string, run: RunName) => join(folder, `${runName(run)}.json`);

/** The hash by which a record says what it was made from. */
export const fingerprint = (plan: string | Buffer) =>
  createHash("sha256").update(plan).digest("hex");

/** The finished record of a run under this plan, or undefined. */
export function readRecord(folder: string, run: RunName, plan: string): ParityRecord | undefined {
  const file = fileOf(folder, run);
  if (!existsSync(file)) return undefined;
  const found = record.parse(JSON.parse(readFileSync(file, "utf8")));
  return found.plan === plan ? found : undefined;
}

/** Writes a record so that it is there whole or not at all. */
export function writeRecord(folder: string, value: ParityRecord): void {
  const file = fileOf(folder, value);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.part`, `${JSON.stringify(record.parse(value))}\n`);
  renameSync(`${file}.part`, file);
}
