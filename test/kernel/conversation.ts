import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { jupyterDataFolder, python, root } from "../../src/setup/paths";

export const fixtures = join(root, "test", "fixtures", "kernel");

export type Request =
  | { execute: string; interruptAt?: string; unnumbered?: true }
  | { complete: string; at: number }
  | { inspect: string; at: number; detail?: 0 | 1 };

export interface Reply {
  status: string;
  stdout: string;
  stderr: string;
  displays: { kind: string; data: Record<string, string> }[];
  result: Record<string, string> | null;
  error: { ename: string; evalue: string; traceback: string[] } | null;
  /** What came meanwhile for cells that had ended, with their places among the executed ones. */
  late: { cell: number; kind: string; text: string | null }[];
  matches: string[];
  cursor_start: number;
  cursor_end: number;
  metadata: Record<string, unknown>;
  data: Record<string, string>;
}

/**
 * What the real kernel, started in `folder`, replies to `requests`, one after the other.
 *
 * @param kernel another kernel, and the folder that has its kernelspec
 */
export function converse(
  folder: string,
  requests: readonly Request[],
  kernel = { name: "peftlab", data: jupyterDataFolder },
): Reply[] {
  const { replies, terminal } = overheard(folder, requests, kernel);
  process.stderr.write(terminal);
  return replies;
}

/** The same, and what was said on the terminal meanwhile. */
export function overheard(
  folder: string,
  requests: readonly Request[],
  kernel = { name: "peftlab", data: jupyterDataFolder },
): { replies: Reply[]; terminal: string } {
  const script = join(fixtures, "converse.py");
  const { status, stdout, stderr } = spawnSync(python, ["-B", script, folder, kernel.name], {
    input: JSON.stringify(requests),
    env: { ...process.env, JUPYTER_DATA_DIR: kernel.data },
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`The conversation failed:\n${stderr}`);
  return { replies: JSON.parse(stdout), terminal: stderr };
}
