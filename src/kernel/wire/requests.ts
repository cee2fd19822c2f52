import { setImmediate as turn } from "node:timers/promises";
import type { Iopub } from "./iopub";
import { bodyOf } from "./json";
import type { Body, Content, Message } from "./messages";
import { tellTerminal } from "./stderr";

const forMain = new Set([
  "execute_request",
  "complete_request",
  "inspect_request",
  "history_request",
  "is_complete_request",
]);

/** Comms have no target here, so what they say is ignored. */
const answeredHere = new Set([
  "kernel_info_request",
  "comm_info_request",
  "comm_msg",
  "comm_close",
]);

export interface RequestsOptions {
  readonly iopub: Iopub;
  readonly kernelInfo: Content;
  /** Sends a reply on the shell channel. */
  readonly reply: (request: Message, body: Body) => Promise<void>;
  /** Gives a request to the main thread. Throws when it cannot be copied. */
  readonly hand: (message: Message) => void;
}

interface Entry {
  readonly message: Message;
  aborted: boolean;
  answered: boolean;
}

/** The shell channel: one request after another, each between busy and idle. */
export class Requests {
  readonly #options: RequestsOptions;
  readonly #queue: Entry[] = [];
  #current: Entry | undefined;
  #aborting: Promise<void> = Promise.resolve();

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  /** The request that is being handled. */
  get current(): Message | undefined {
    return this.#current?.message;
  }

  add(message: Message): void {
    this.#queue.push({ message, aborted: false, answered: false });
    if (!this.#current) this.#start();
    // A page that has just connected knows nothing of the cell that runs.
    else if (message.header.msg_type === "kernel_info_request")
      this.#options.iopub.status("busy", this.#current.message.header);
  }

  /** The main thread's answer. */
  answer(id: string, body: Body): void {
    const entry = this.#current;
    const isIt = entry?.message.header.msg_id === id && !entry.answered;
    if (isIt) this.#finish(entry, body);
    else tellTerminal("A second reply to one request was dropped.");
  }

  /** Execute requests that have arrived by now will be answered `aborted`. */
  abort(): void {
    this.#aborting = (async () => {
      // What has arrived may still be with ZeroMQ: let its turn come.
      await turn();
      await turn();
      for (const entry of this.#queue) {
        if (entry.message.header.msg_type === "execute_request") entry.aborted = true;
      }
    })();
  }

  #start(): void {
    const entry = this.#queue.shift();
    this.#current = entry;
    if (!entry) return;
    const { iopub } = this.#options;
    const { message } = entry;
    const { msg_type: type } = message.header;
    iopub.begin(message.header);
    iopub.status("busy", message.header);
    if (entry.aborted) this.#finish(entry, bodyOf({ status: "aborted" }));
    else if (!(forMain.has(type) && this.#hand(message))) {
      this.#answerHere(message);
      this.#finish(entry, answerOf(type, this.#options.kernelInfo));
    }
  }

  /** Whether the main thread got it. */
  #hand(message: Message): boolean {
    try {
      this.#options.hand(message);
      return true;
    } catch (error) {
      // Nested deeper than can be copied.
      tellTerminal(`A request was dropped: ${error}`);
      return false;
    }
  }

  #answerHere({ header, content: { comm_id } }: Message): void {
    if (header.msg_type === "comm_open") {
      // No target is known here, so the frontend's side is closed again.
      this.#options.iopub.publish("comm_close", bodyOf({ comm_id, data: {} }), header);
    } else if (!(forMain.has(header.msg_type) || answeredHere.has(header.msg_type))) {
      tellTerminal(`A message of unknown type ${header.msg_type} was dropped.`);
    }
  }

  #finish(entry: Entry, body: Body | undefined): void {
    entry.answered = true;
    const { iopub, reply } = this.#options;
    const done = async (): Promise<void> => {
      await this.#aborting;
      iopub.end();
      await iopub.sent;
      if (body) await reply(entry.message, body);
    };
    done()
      .catch((error) => tellTerminal(`A reply was not sent: ${error}`))
      .then(() => {
        iopub.status("idle", entry.message.header);
        this.#start();
      });
  }
}

/** What the socket thread answers by itself, on shell and on control. */
export function answerOf(type: string, kernelInfo: Content): Body | undefined {
  if (type === "kernel_info_request") return bodyOf({ status: "ok", ...kernelInfo });
  if (type === "comm_info_request") return bodyOf({ status: "ok", comms: {} });
  return undefined;
}
