import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { checkCounts } from "./files";
import { readParquet } from "./parquet";
import type { LabelledFiles } from "./sources";
import type { GlueTask } from "./tasks";
import { readBytes } from "./text";

/** GLUE on the Hugging Face Hub, at one revision. */
export const hubRepository = "nyu-mll/glue";
export const hubRevision = "bcdcba79d07bc864c1c254ccfcedcce55bcc9a8c";

/** No answer from the Hub that says anything about the files: no network, or told not to ask. */
export class HubUnreachable extends Error {
  override readonly name = "HubUnreachable";
  /** Whether this process was told before. */
  told = false;
}

interface HubOptions {
  /** Where the files are kept, in the Hub's own layout below the revision. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
}

/** A file on the Hub as the Hub describes it. */
interface Stated {
  readonly url: string;
  readonly size: number | undefined;
  readonly sha256: string;
}

/** Files of a task on the Hub, by split. */
function hubFiles(task: GlueTask) {
  const file = (split: string) => `${task.name}/${split}-00000-of-00001.parquet`;
  return { train: file("train"), dev: file("validation") } as const;
}

/**
 * A task's rows from the Hub's Parquet files, downloaded once. `HF_ENDPOINT` names another host, `HF_HUB_OFFLINE`
 * forbids asking. Throws `HubUnreachable` where there is no network, an `Error` where the Hub has something else.
 */
export async function readHub(task: GlueTask, options: HubOptions): Promise<LabelledFiles> {
  const files = hubFiles(task);
  const local = (path: string) => join(options.folder, hubRevision, path);
  const missing = Object.values(files).filter((path) => !existsSync(local(path)));
  if (missing.length > 0) await download(task, missing, local, options);

  const read = async (split: "train" | "dev") => {
    const file = local(files[split]);
    const rows = await readParquet(await readBytes(file), task, split, file);
    checkCounts(rows, task, split, file);
    return rows;
  };
  const source = { kind: "hub", from: `${hubRepository}@${hubRevision.slice(0, 12)}` } as const;
  return { source, train: await read("train"), dev: await read("dev") };
}

/** Endpoints that did not answer: one process keeps to one source, and does not wait for each run anew. */
const silent = new Map<string, string>();

async function download(
  task: GlueTask,
  paths: readonly string[],
  local: (path: string) => string,
  { environment, say }: HubOptions,
): Promise<void> {
  if (/^(1|on|yes|true)$/i.test(environment.HF_HUB_OFFLINE ?? ""))
    throw new HubUnreachable("HF_HUB_OFFLINE is set");
  const endpoint = (environment.HF_ENDPOINT || "https://huggingface.co").replace(/\/+$/, "");
  const known = silent.get(endpoint);
  if (known) throw Object.assign(new HubUnreachable(known), { told: true });

  const base = `${endpoint}/datasets/${hubRepository}/resolve/${hubRevision}`;
  try {
    const stated: Stated[] = [];
    for (const path of paths) stated.push(await describe(`${base}/${path}`));
    const bytes = stated.reduce((sum, { size }) => sum + (size ?? 0), 0);
    say(
      `${task.folder}: downloading ${paths.length} files, ${megabytes(bytes)}, ` +
        `from ${endpoint}/datasets/${hubRepository} to ${dirname(local(paths[0]!))}`,
    );
    for (const [index, path] of paths.entries()) await save(stated[index]!, local(path));
  } catch (error) {
    if (error instanceof HubUnreachable) silent.set(endpoint, error.message);
    throw error;
  }
}

/** Size and hash of a file, from the Hub's answer before it hands over to its storage. */
async function describe(url: string): Promise<Stated> {
  let at = url;
  for (let hops = 0; hops < 5; hops++) {
    const answer = await ask(at, { method: "HEAD", redirect: "manual", timeout: 10_000 });
    const etag = answer.headers.get("x-linked-etag") ?? answer.headers.get("etag") ?? "";
    const sha256 = /^(?:W\/)?"?([0-9a-f]{64})"?$/i.exec(etag)?.[1];
    const size = answer.headers.get("x-linked-size") ?? answer.headers.get("content-length");
    if (sha256) return { url, sha256, size: size === null ? undefined : Number(size) };
    const location = answer.headers.get("location");
    if (answer.status < 300 || answer.status >= 400 || !location) break;
    at = new URL(location, at).href;
  }
  throw new Error(
    `${url}: the answer states no SHA-256, so the file cannot be checked. ${elsewhere}`,
  );
}

/** Downloads to a file of another name first: what stands under its own name is whole and checked. */
async function save({ url, size, sha256 }: Stated, file: string): Promise<void> {
  let fault = "";
  for (let attempt = 0; attempt < 3; attempt++) {
    const answer = await ask(url, { method: "GET", redirect: "follow", timeout: 300_000 });
    let bytes: Buffer;
    try {
      bytes = Buffer.from(await answer.arrayBuffer());
    } catch (cause) {
      fault = `the download broke off (${reason(cause)})`;
      continue;
    }
    if (size !== undefined && bytes.length !== size) {
      fault = `${bytes.length} bytes came, expected ${size}`;
      continue;
    }
    const found = createHash("sha256").update(bytes).digest("hex");
    if (found !== sha256)
      throw new Error(`${url}: the SHA-256 is ${found}, expected ${sha256}. ${elsewhere}`);
    await mkdir(dirname(file), { recursive: true });
    const partial = `${file}.${randomUUID()}.partial`;
    try {
      await writeFile(partial, bytes);
      await rename(partial, file);
    } finally {
      await rm(partial, { force: true });
    }
    return;
  }
  throw new Error(`${url}: ${fault}, three times. Start again, or: ${elsewhere}`);
}

const elsewhere =
  "Name a folder with GLUE's files in PEFTLAB_GLUE, or set HF_HUB_OFFLINE=1 for the sample corpus";

async function ask(
  url: string,
  { timeout, ...init }: { method: string; redirect: "manual" | "follow"; timeout: number },
): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      ...init,
      headers: { "accept-encoding": "identity", "user-agent": "peftlab" },
      signal: AbortSignal.timeout(timeout),
    });
  } catch (cause) {
    throw new HubUnreachable(`${new URL(url).host} cannot be reached (${reason(cause)})`);
  }
  if (answer.status < 400) return answer;
  const status = `${url} answered ${answer.status} ${answer.statusText}`.trim();
  // A proxy that forbids, or a service that is down, says nothing about the file.
  if (answer.status >= 500 || [403, 407, 429].includes(answer.status))
    throw new HubUnreachable(status);
  throw new Error(`${status}. Check HF_ENDPOINT. ${elsewhere}`);
}

function reason(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  if (!(inner instanceof Error)) return String(inner);
  return (inner as NodeJS.ErrnoException).code?.toString() ?? inner.message;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
