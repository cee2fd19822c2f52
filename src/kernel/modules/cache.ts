import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Hash of texts in hexadecimal digits. */
export function contentHash(...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}

/** Files in a cache folder above which the oldest half goes. */
const most = 8000;
const looked = new Set<string>();

/** Writes whole or not at all; a cache that cannot be written is done without. */
export function writeCache(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(draft, text);
    renameSync(draft, path);
    if (!looked.has(folder)) thin(folder);
    looked.add(folder);
  } catch {
    rmSync(draft, { force: true });
  }
}

function thin(folder: string): void {
  const names = readdirSync(folder);
  if (names.length <= most) return;
  const made = (name: string) =>
    statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const files = names.map((name) => ({ name, time: made(name) })).sort((a, b) => a.time - b.time);
  for (const { name } of files.slice(0, names.length - most / 2))
    rmSync(join(folder, name), { force: true });
}
