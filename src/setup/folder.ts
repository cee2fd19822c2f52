import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What a finished folder was made from; compared as JSON. */
export type Stamp = Readonly<Record<string, string>>;

const stampFile = ".peftlab.json";

export function readStamp(folder: string): Stamp | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, stampFile), "utf8")) as Stamp;
  } catch {
    return undefined;
  }
}

export function writeStamp(folder: string, stamp: Stamp): void {
  writeAtomically(join(folder, stampFile), `${JSON.stringify(stamp, null, 2)}\n`);
}

/** Whether the folder's stamp holds at least these values. */
export function hasStamp(folder: string, wanted: Stamp): boolean {
  const stamp = readStamp(folder);
  return !!stamp && Object.entries(wanted).every(([key, value]) => stamp[key] === value);
}

export function writeAtomically(file: string, content: string, mode = 0o644): void {
  const partial = `${file}.partial`;
  writeFileSync(partial, content);
  chmodSync(partial, mode);
  renameSync(partial, file);
}

/**
 * Builds a folder beside its place and moves it there when it is complete: whoever looks sees the
 * old one, none, or the finished new one. What an interrupted attempt left is removed first.
 */
export async function replaceFolder(
  folder: string,
  build: (partial: string) => Promise<Stamp>,
): Promise<void> {
  const partial = `${folder}.partial`;
  const old = `${folder}.old`;
  remove(partial);
  remove(old);
  mkdirSync(partial, { recursive: true });
  mkdirSync(dirname(folder), { recursive: true });
  writeStamp(partial, await build(partial));
  try {
    renameSync(folder, old);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  renameSync(partial, folder);
  remove(old);
}

export function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
