import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, type Received } from "../client";
import { cells } from "./cells";
import { allocations, loops } from "./loops";
import { forged, type HostileMessage, messages } from "./messages";
import { Random } from "./random";

/** One hostile cell or message. */
export interface Case {
  readonly number: number;
  readonly kind: string;
  readonly cell?: string;
  readonly message?: HostileMessage;
  /** Milliseconds after which the cell is interrupted, since it does not end by itself. */
  readonly interruptAfter?: number;
}

/** Of a hundred cases those below the first number are of the first sort, and so on. */
const sorts = [
  [60, cells],
  [70, loops],
  [72, allocations],
  [100, messages],
] as const;

/** The case of that number: it depends on nothing else but the seed. */
export function caseOf(seed: number, number: number): Case {
  const random = new Random(seed * 1_000_003 + number);
  // Neighbouring seeds begin alike.
  for (let i = 0; i < 4; i++) random.next();
  const drawn = random.int(0, 99);
  const [, kinds] = sorts.find(([below]) => drawn < below)!;
  const kind = random.pick(Object.keys(kinds));
  if (kinds === messages) return { number, kind, message: messages[kind]!(random) };
  const cell = (kinds as typeof cells)[kind]!(random);
  if (kinds !== loops) return { number, kind, cell };
  return { number, kind, cell, interruptAfter: random.int(0, 300) };
}

/** Not how long anything takes: when a kernel counts as wedged. */
const patienceMs = 60_000;
/** Cells that have not ended by then are interrupted like loops. */
const endsWithinMs = 10_000;

/** A kernel that hostile cases are sent to, one after the other; what they did stays with it. */
export class Victim {
  readonly #folder = mkdtempSync(join(tmpdir(), "peftlab-fuzz-"));
  readonly #client: Client;
  #forged = false;
  /** Set when V8 itself ended the kernel or holds it: another has to go on. */
  isLost = false;

  /** @param node the program, by default that of the kernelspec */
  constructor(node?: string) {
    const options = {
      strict: true,
      target: "es2022",
      module: "esnext",
      moduleResolution: "bundler",
    };
    writeFileSync(
      join(this.#folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: options }),
    );
    // A small heap is full soon.
    const env = { NODE_OPTIONS: "--max-old-space-size=512" };
    this.#client = new Client(this.#folder, { env, ...(node && { node }) });
    this.#client.on(({ content }) => {
      this.#forged ||= content.text === forged;
    });
  }

  /** @returns what came of the case. @throws Error when the kernel is dead or wedged after it. */
  async survive(given: Case): Promise<string> {
    try {
      const outcome = given.message
        ? await this.#send(given.message)
        : await this.#run(given.cell!, given.interruptAfter);
      await this.#canary();
      if (this.#forged) throw new Error("a cell with a bad signature was run");
      return outcome;
    } catch (error) {
      const lost = given.kind in allocations ? await this.#heldByV8() : undefined;
      this.isLost = true;
      if (lost) return lost;
      const what = given.cell ?? JSON.stringify(given.message);
      const { ended, terminal } = this.#client;
      throw new Error(
        `Case ${given.number}, ${given.kind}: ${(error as Error).message} (${ended ?? "the process runs"})\n` +
          `${what.slice(0, 2000)}\n--- terminal\n${terminal.slice(-3000)}`,
      );
    }
  }

  ready(): Promise<void> {
    return this.#client.ready();
  }

  end(): void {
    this.#client.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /**
   * What V8 does with a heap that is full in one step: it ends the process, or collects garbage for minutes. The kernel
   * can do nothing there, but a frontend must still be able to restart it.
   */
  async #heldByV8(): Promise<string | undefined> {
    const client = this.#client;
    if (client.ended !== undefined)
      return client.terminal.includes("JavaScript heap out of memory") ? "ended by V8" : undefined;
    const asked = { channel: "control" as const, milliseconds: patienceMs };
    const { reply } = await client.ask("kernel_info_request", {}, asked);
    return reply && "held by V8";
  }

  async #run(code: string, interruptAfter: number | undefined): Promise<string> {
    const client = this.#client;
    const { id, frames } = client.frames("execute_request", { code, allow_stdin: true });
    const mine = (message: Received) => message.parent.msg_id === id;
    const started = client.waitFor(
      (m) => mine(m) && m.header.msg_type === "execute_input",
      patienceMs,
    );
    const replied = client.waitFor((m) => mine(m) && m.channel === "shell", 2 * patienceMs);
    await client.sendFrames("shell", frames);
    if (!(await started)) throw new Error("the cell did not start");
    let reply: Received | undefined;
    const wait = async (milliseconds: number) => {
      const timer = new AbortController();
      const none = sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => undefined);
      reply = await Promise.race([replied, none]);
      timer.abort();
      return reply !== undefined || client.ended !== undefined;
    };
    let interrupts = 0;
    if (!(await wait(interruptAfter ?? endsWithinMs)))
      do {
        await client.interrupt();
        interrupts += 1;
      } while (!(await wait(3000)) && interrupts < patienceMs / 3000);
    if (!reply) throw new Error(`no reply after ${interrupts} interrupts`);
    return String(reply.content.ename ?? reply.content.status);
  }

  async #send({
    channel,
    type,
    parts = {},
    buffers = [],
    frames: change,
  }: HostileMessage): Promise<string> {
    const client = this.#client;
    const { frames } = client.frames(type, {}, { buffers });
    const bodies = (["header", "parent", "metadata", "content"] as const).map((part, at) =>
      Buffer.from(parts[part] ?? frames[at + 2]!),
    );
    const signed = client.signature(bodies);
    const whole = [frames[0]!, signed, ...bodies, ...buffers];
    const send = (sent: readonly Uint8Array[]) => client.sendFrames(channel, sent);
    if (change === "bad signature")
      await send([frames[0]!, Buffer.from("0".repeat(64)), ...bodies]);
    else if (change === "cut") await send(whole.slice(0, 4));
    else if (change === "no delimiter") await send(whole.slice(1));
    else if (change === "noise")
      await send([Buffer.from([0, 255, 254]), Buffer.alloc(0), Buffer.alloc(99, 200)]);
    else if (change === "many") await send(Array.from({ length: 5000 }, () => Buffer.alloc(1)));
    else await send(whole);
    if (change === "twice") await send(whole);
    // Some are never answered, and none has to be before the next.
    await sleep(20);
    return "sent";
  }

  /** A cell anyone might run. What the case left running may have to be interrupted first. */
  async #canary(): Promise<void> {
    const client = this.#client;
    for (let attempt = 0; attempt < 4; attempt++) {
      const answer = client.ask("execute_request", { code: "1 + 1" }, { milliseconds: patienceMs });
      const late = setTimeout(() => void client.interrupt(), endsWithinMs);
      const { reply, seen } = await answer;
      clearTimeout(late);
      if (!reply) throw new Error("1 + 1 has no reply");
      const result = seen.find(({ header }) => header.msg_type === "execute_result");
      const data = result?.content.data as Record<string, unknown> | undefined;
      if (reply.content.status === "ok" && data?.["text/plain"] === "2") return;
      const interrupted = reply.content.ename === "KeyboardInterrupt";
      if (reply.content.status !== "aborted" && !interrupted)
        throw new Error(
          `1 + 1 gave ${JSON.stringify(reply.content).slice(0, 1000)}, ${JSON.stringify(data)}`,
        );
    }
    throw new Error("1 + 1 was never run");
  }
}

export interface Campaign {
  /** How often each outcome of each kind of case. */
  readonly outcomes: Record<string, Record<string, number>>;
  readonly failures: string[];
}

/** Cases that share a kernel: what each leaves behind is there for the next. */
const casesPerKernel = 40;

/**
 * Sends the cases `first` to `last` of a seed. After one that the kernel does not survive a fresh kernel goes on.
 *
 * @param node the program that runs the kernel, by default that of the kernelspec
 */
export async function campaign(
  seed: number,
  first: number,
  last: number,
  { node, told }: { node?: string; told?: (number: number, failure?: string) => void } = {},
): Promise<Campaign> {
  const outcomes: Campaign["outcomes"] = {};
  const failures: string[] = [];
  let victim: Victim | undefined;
  for (let number = first; number <= last; number++) {
    if (number % casesPerKernel === 0) {
      victim?.end();
      victim = undefined;
    }
    const given = caseOf(seed, number);
    let failure: string | undefined;
    try {
      if (!victim) {
        victim = new Victim(node);
        await victim.ready();
      }
      const outcome = await victim.survive(given);
      outcomes[given.kind] ??= {};
      const counts = outcomes[given.kind]!;
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    } catch (error) {
      failure = (error as Error).message;
      failures.push(failure);
    }
    if (failure !== undefined || victim?.isLost) {
      victim?.end();
      victim = undefined;
    }
    told?.(number, failure);
  }
  victim?.end();
  return { outcomes, failures };
}
