import { writeSync } from "node:fs";
import { getHeapStatistics } from "node:v8";
import { MessagePort, Worker } from "node:worker_threads";
import { selfContained, withTrueBuiltIns } from "../built-ins";
import { bodyOf, cutAt } from "./json";
import {
  type Content,
  fewPosts,
  type Header,
  type Message,
  mostPosts,
  type Publication,
  Shared,
  type SocketsData,
  type StreamName,
  type ToMain,
  type ToSockets,
} from "./messages";
import { Waiting } from "./waiting";

/** The main thread's end of the line to the socket thread. */
export interface Link {
  /**
   * The next shell request that the main thread must handle: `execute_request`, `complete_request`,
   * `inspect_request`, `history_request` or `is_complete_request`. The one before is answered and
   * its idle sent by then.
   */
  next(): Promise<Message>;
  /** Answers the current request after everything published before; the idle status follows it. */
  reply(request: Message, content: Content, metadata?: Content): void;
  /** Throws a TypeError when the content cannot be JSON. Slows the caller as `stream` does. */
  publish(publication: Publication): void;
  /** Text a cell printed. Slows the caller (Atomics.wait) while more than 64 MB wait to be sent. */
  stream(name: StreamName, text: string, parent: Header | undefined): void;
  /** Execute requests that have arrived by now are answered `aborted`, others stay queued. */
  abortQueued(): void;
  /** Asks the frontend of `request` for a line; rejects with the signal's reason when it aborts. */
  input(request: Message, prompt: string, password: boolean, signal: AbortSignal): Promise<string>;
  /** Called at an `interrupt_request`, once the event loop turns; its reply is already sent. */
  onInterrupt(listener: () => void): void;
  /** How many interrupts were asked for so far: also true while the event loop stands. */
  interrupts(): number;
  /** Resolves when everything handed over is on its way and the sockets are closed. */
  close(): Promise<void>;
}

export interface LinkOptions {
  /** Content of `kernel_info_reply`. */
  readonly kernelInfo: Content;
  /** The file of `sockets.ts`, as JavaScript or as what the process can load. */
  readonly worker: string | URL;
  /** The file of `sigint.ts`, the same way; without it SIGINT does what Node does. */
  readonly sigint?: string;
}

const mostWaiting = 64 * 2 ** 20;
const longestPost = 2 ** 20;
/** What a publication costs beside its content. */
const postWeight = 256;

// Cells may replace these globals; the kernel keeps the true ones.
const True = { Promise, Uint8Array };
const exit = process.exit.bind(process);
const { add, load, store, wait } = Atomics;

/**
 * Starts the socket thread on the ports of `connectionFile`. It ends the process at a
 * `shutdown_request`, when the parent process is gone, and when it cannot work.
 */
export function connectSockets(connectionFile: string, options: LinkOptions): Link {
  const shared = new Int32Array(new SharedArrayBuffer(4 * Shared.length));
  const { kernelInfo, sigint } = options;
  const heapLimit = getHeapStatistics().heap_size_limit;
  const workerData: SocketsData = { connectionFile, kernelInfo, shared, sigint, heapLimit };
  const worker = selfContained(new Worker(options.worker, { workerData }));
  // The port behind it too.
  for (const key of Object.getOwnPropertySymbols(worker)) {
    const part = (worker as unknown as Record<symbol, unknown>)[key];
    if (part instanceof MessagePort) selfContained(part);
  }
  const on = <T>(event: string, listener: (given: T) => void) =>
    worker.on(event, (given: T) => withTrueBuiltIns(() => listener(given)));
  const post = worker.postMessage.bind(worker);
  const send = (message: ToSockets, transfer?: ArrayBuffer[]): void => post(message, transfer);

  const requests = new Waiting<Message>();
  const inputs = new Map<number, (value: string) => void>();
  let listener = (): void => {};
  let closing = false;
  let asked = 0;
  let lastInput: Promise<unknown> = True.Promise.resolve();
  let lastParent: Header | undefined | null = null;

  on("message", (message: ToMain) => {
    if (message.kind === "request") requests.put(message.message);
    else if (message.kind === "interrupt") {
      store(shared, Shared.heard, load(shared, Shared.interrupts));
      listener();
    } else if (message.kind === "input") inputs.get(message.number)?.(message.value);
    else if (message.kind === "exit") exit(message.code);
  });
  const ended = new True.Promise<void>((resolve) => {
    on("exit", (code: number) => (closing ? resolve() : exit(code || 1)));
  });
  on("error", (error) => {
    writeSync(2, `The kernel's sockets failed: ${error instanceof Error ? error.stack : error}\n`);
    if (!closing) exit(1);
  });

  function slow(weight: number): void {
    add(shared, Shared.waiting, weight);
    add(shared, Shared.posts, 1);
    keepBelow(Shared.posts, mostPosts, fewPosts);
    keepBelow(Shared.waiting, mostWaiting, mostWaiting);
  }

  /** Stands still while the counter is above `most`, until it has come down to `least`. */
  function keepBelow(place: number, most: number, least: number): void {
    let value = load(shared, place);
    if (value <= most) return;
    while (value > least && !load(shared, Shared.closed)) {
      wait(shared, place, value, 20);
      value = load(shared, place);
    }
  }

  async function ask(request: Message, content: string, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    asked += 1;
    const number = asked;
    let cut = (): void => {};
    try {
      return await new True.Promise<string>((resolve, reject) => {
        inputs.set(number, resolve);
        cut = () => reject(signal.reason);
        signal.addEventListener("abort", cut);
        const { identities, header } = request;
        send({ kind: "input", number, identities, parent: header, content });
      });
    } finally {
      inputs.delete(number);
      signal.removeEventListener("abort", cut);
      send({ kind: "input-end", number });
    }
  }

  return {
    next: () => requests.take(),
    reply(request, content, metadata) {
      send({ kind: "reply", id: request.header.msg_id, body: bodyOf(content, metadata) });
    },
    publish({ type, content, parent, metadata, buffers = [] }) {
      const body = bodyOf(content, metadata);
      const copies: Uint8Array[] = [];
      const transfer: ArrayBuffer[] = [];
      let weight = postWeight + body.content.length + body.metadata.length;
      for (let i = 0; i < buffers.length; i++) {
        const copy = new True.Uint8Array(buffers[i]!);
        copies[i] = copy;
        transfer[i] = copy.buffer;
        weight += copy.length;
      }
      send({ kind: "publish", type, body, parent, buffers: copies, weight }, transfer);
      slow(weight);
    },
    stream(name, text, parent) {
      for (let start = 0, end = 0; start < text.length; start = end) {
        end = cutAt(text, start + longestPost);
        const part = text.slice(start, end);
        const weight = part.length;
        const same = parent === lastParent;
        lastParent = parent;
        send({ kind: "stream", name, text: part, parent: same ? "same" : parent, weight });
        slow(weight);
      }
    },
    abortQueued: () => send({ kind: "abort" }),
    input(request, prompt, password, signal) {
      const content = bodyOf({ prompt, password }).content;
      // One question at a time: a frontend shows one field.
      const answer = lastInput.then(() => ask(request, content, signal));
      lastInput = answer.catch(() => {});
      return answer;
    },
    onInterrupt(given) {
      listener = given;
    },
    interrupts: () => load(shared, Shared.interrupts),
    close() {
      closing = true;
      send({ kind: "close" });
      return ended;
    },
  };
}
