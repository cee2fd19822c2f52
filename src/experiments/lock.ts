import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Who holds a lock. */
export interface Owner {
  readonly host: string;
  readonly pid: number;
}

const prefix = "lock.";
const key = Symbol.for("peftlab.locks");
// Outlives a reload of this module in a notebook.
const shared = globalThis as { [key]?: Set<string> };
shared[key] ??= new Set();
const own = shared[key];

/**
 * Does something that one process at a time may do in a folder. Waits while another does it; a holder that has died
 * is noticed by its process id and start time and passed over.
 *
 * Everyone who wants the lock writes a file of its own name and then looks for others: who sees no living other holds
 * it, who sees one withdraws. A dead one's file can be removed by anybody, since no two are ever named alike.
 *
 * @param options.done asked before each try; a value ends the waiting with it
 * @param options.waiting told who holds the lock, each time round
 */
export async function exclusively<T>(
  folder: string,
  options: {
    done: () => T | undefined;
    waiting: (owner: Owner) => void;
    signal?: AbortSignal | undefined;
  },
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(folder, { recursive: true });
  const name = `${prefix}${process.pid}.${started(process.pid)}.${randomUUID()}.${hostname()}`;
  const file = join(folder, name);
  for (;;) {
    options.signal?.throwIfAborted();
    const done = options.done();
    if (done !== undefined) return done;
    own.add(name);
    writeFileSync(file, "");
    const other = livingOther(folder, name);
    if (other === undefined) break;
    release(file, name);
    options.waiting(other);
    await pause(200 + Math.random() * 200, options.signal);
  }
  try {
    return options.done() ?? (await work());
  } finally {
    release(file, name);
  }
}

/** Throws the signal's own reason, not the timer's. */
async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => signal?.throwIfAborted());
}

function release(file: string, name: string): void {
  rmSync(file, { force: true });
  own.delete(name);
}

/** Another's lock file whose process lives; those of the dead are removed. */
function livingOther(folder: string, mine: string): Owner | undefined {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(prefix) || name === mine) continue;
    const [pid, start, , ...host] = name.slice(prefix.length).split(".");
    const owner = { host: host.join("."), pid: Number(pid) };
    // Another machine's processes cannot be seen from here: its lock counts.
    const lives =
      owner.host !== hostname() ||
      (owner.pid === process.pid
        ? own.has(name)
        : exists(owner.pid) && started(owner.pid) === start);
    if (lives) return owner;
    rmSync(join(folder, name), { force: true });
  }
  return undefined;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** When a process started, in a form that only serves comparison. A process id alone may have been given again. */
function started(pid: number): string {
  try {
    if (process.platform === "linux") {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      // The name in parentheses may hold anything; the start time is field 22, the 20th after it.
      return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]!;
    }
    const text = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
    return String(Date.parse(text.trim()));
  } catch {
    return "unknown";
  }
}
