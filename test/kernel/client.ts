import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Dealer, Subscriber } from "zeromq";
import type { Content, Message } from "../../src/kernel/wire/messages";
import { Wire } from "../../src/kernel/wire/wire";
import { kernelFolder } from "../../src/setup/paths";

const key = "a secret";
const ports = { shell: 1, iopub: 2, stdin: 3, control: 4, hb: 5 };
export type Channel = "shell" | "control" | "stdin" | "hb";

/** A message of the kernel, and where it came. */
export interface Received extends Message {
  readonly channel: Channel | "iopub";
}

/** What is sent beside content. */
export interface Extra {
  readonly metadata?: Content;
  readonly buffers?: readonly Uint8Array[];
}

/** A frontend that may send anything, and the kernel of its own that it talks to over ZeroMQ. */
export class Client {
  readonly #wire = new Wire(key);
  readonly #reader = new Wire("");
  readonly #folder = mkdtempSync(join(tmpdir(), "peftlab-client-"));
  readonly #sockets = {
    shell: new Dealer(),
    control: new Dealer(),
    stdin: new Dealer(),
    hb: new Dealer(),
  };
  readonly #iopub = new Subscriber({ receiveHighWaterMark: 0 });
  readonly #listeners = new Set<(message: Received) => void>();
  readonly process: ChildProcess;
  /** What the kernel wrote on its terminal; the end of it. */
  terminal = "";
  /** Set when the process has ended. */
  ended: string | undefined;

  /**
   * Starts the installed kernel in `folder`.
   *
   * @param node the program, by default that of the kernelspec
   */
  constructor(folder: string, { env = {}, node }: { env?: NodeJS.ProcessEnv; node?: string } = {}) {
    const connection = join(this.#folder, "connection.json");
    const numbers = Object.entries(ports).map(([name, port]) => [`${name}_port`, port]);
    const ip = join(this.#folder, "k");
    const fields = { transport: "ipc", ip, key, signature_scheme: "hmac-sha256" };
    writeFileSync(connection, JSON.stringify({ ...fields, ...Object.fromEntries(numbers) }));
    const { argv } = JSON.parse(readFileSync(join(kernelFolder, "kernel.json"), "utf8"));
    const [program, ...rest] = argv.map((part: string) =>
      part === "{connection_file}" ? connection : part,
    );
    this.process = spawn(node ?? program, rest, {
      cwd: folder,
      env: { ...process.env, JPY_PARENT_PID: String(process.pid), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.on("data", (text) => {
        this.terminal = (this.terminal + text).slice(-20_000);
      });
    this.process.on("exit", (code, signal) => {
      this.ended = `ended with ${signal ?? code}`;
    });
    // One identity, so that questions on stdin come to who asked on shell.
    const identity = randomUUID();
    for (const [name, socket] of Object.entries(this.#sockets)) {
      socket.routingId = identity;
      socket.linger = 0;
      socket.connect(`ipc://${ip}-${ports[name as Channel]}`);
      void this.#listen(name as Channel, socket);
    }
    this.#iopub.connect(`ipc://${ip}-${ports.iopub}`);
    this.#iopub.subscribe();
    void this.#listen("iopub", this.#iopub);
  }

  async #listen(channel: Received["channel"], socket: AsyncIterable<Buffer[]>): Promise<void> {
    for await (const frames of socket) {
      if (channel === "hb") continue;
      const message = { ...this.#reader.read(frames), channel };
      for (const listener of this.#listeners) listener(message);
    }
  }

  on(listener: (message: Received) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Frames of a message as this client would send it. */
  frames(type: string, content: Content, extra: Extra = {}): { id: string; frames: Uint8Array[] } {
    const body = {
      content: JSON.stringify(content),
      metadata: JSON.stringify(extra.metadata ?? {}),
    };
    const buffers = extra.buffers ?? [];
    return this.#wire.write({ type, route: [], parent: undefined, body, buffers });
  }

  /** What stands before header, parent header, metadata and content of an honest message. */
  signature(parts: readonly Uint8Array[]): Buffer {
    const hmac = createHmac("sha256", key);
    for (const part of parts) hmac.update(part);
    return Buffer.from(hmac.digest("hex"));
  }

  sendFrames(channel: Channel, frames: readonly Uint8Array[]): Promise<void> {
    return this.#sockets[channel].send([...frames]);
  }

  /** @returns id of the message */
  async send(
    channel: Channel,
    type: string,
    content: Content = {},
    extra?: Extra,
  ): Promise<string> {
    const { id, frames } = this.frames(type, content, extra);
    await this.sendFrames(channel, frames);
    return id;
  }

  interrupt(): Promise<string> {
    return this.send("control", "interrupt_request");
  }

  /** The first message that `isIt`; undefined when `milliseconds` have passed or the kernel has ended. */
  waitFor(
    isIt: (message: Received) => boolean,
    milliseconds: number,
  ): Promise<Received | undefined> {
    return new Promise((resolve) => {
      const done = (message?: Received) => {
        off();
        clearTimeout(timer);
        this.process.off("exit", gone);
        resolve(message);
      };
      // What it sent last may still be on its way.
      const gone = () => setTimeout(done, 300);
      const off = this.on((message) => isIt(message) && done(message));
      const timer = setTimeout(done, milliseconds);
      this.process.once("exit", gone);
      if (this.ended !== undefined) gone();
    });
  }

  /** Sends a request and gives its reply and everything that was published for it, to its idle. */
  async ask(
    type: string,
    content: Content,
    { channel = "shell" as Channel, milliseconds = 60_000 } = {},
  ): Promise<{ reply: Received | undefined; seen: Received[] }> {
    const seen: Received[] = [];
    const { id, frames } = this.frames(type, content);
    const mine = (message: Received) => message.parent.msg_id === id;
    const off = this.on(
      (message) => mine(message) && message.channel === "iopub" && seen.push(message),
    );
    const idle = this.waitFor((message) => mine(message) && isIdle(message), milliseconds);
    const replied = this.waitFor(
      (message) => mine(message) && message.channel === channel,
      milliseconds,
    );
    await this.sendFrames(channel, frames);
    const [reply] = await Promise.all([replied, idle]);
    off();
    return { reply, seen };
  }

  /** Waits until the kernel answers. */
  async ready(milliseconds = 60_000): Promise<void> {
    // What is published before the subscription arrives is lost.
    await this.waitFor(({ header }) => header.msg_type === "iopub_welcome", milliseconds);
    const { reply } = await this.ask("kernel_info_request", {}, { milliseconds });
    if (!reply)
      throw new Error(`The kernel does not answer (${this.ended ?? "it runs"}):\n${this.terminal}`);
  }

  end(): void {
    for (const socket of [...Object.values(this.#sockets), this.#iopub]) socket.close();
    this.process.kill("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export const isIdle = (message: Received): boolean =>
  message.channel === "iopub" && message.content.execution_state === "idle";
