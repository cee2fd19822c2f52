import { jsonOf } from "./json";
import { type Body, type Header, Shared, type StreamName } from "./messages";
import { Outbox, type OutboxOptions, type Sender } from "./outbox";
import { Streams } from "./streams";
import type { Wire } from "./wire";

const flushMs = 50;
/** Well below the 3,000 messages in 3 s that Jupyter Server lets through: they may arrive in bursts. */
const serverPace = { most: 2000, windowMs: 3000 };
/** What Jupyter Server does not count. */
const unpaced = new Set(["status", "execute_input", "comm_open"]);
/** What ends a cell's output: nothing that it printed comes behind. */
const lastWords = new Set(["error", "execute_result"]);

export interface IopubOptions {
  readonly wire: Wire;
  readonly socket: Sender;
  readonly shared: Int32Array;
  readonly allowDrop: NonNullable<OutboxOptions["allowDrop"]>;
}

/** Everything the kernel publishes, in order, with printed text merged. */
export class Iopub {
  readonly #wire: Wire;
  readonly #outbox: Outbox;
  readonly #streams: Streams;
  readonly #shared: Int32Array;
  /** Whether Jupyter Server stands between kernel and frontend. */
  #server = false;
  #timer: NodeJS.Timeout | undefined;

  constructor({ wire, socket, shared, allowDrop }: IopubOptions) {
    this.#wire = wire;
    this.#shared = shared;
    this.#outbox = new Outbox(socket, { allowDrop, pace: serverPace });
    this.#streams = new Streams({
      release: (weight) => this.#release(weight),
      send: ({ name, parent, text, weight }) => {
        const body = { content: jsonOf({ name, text }), metadata: "{}" };
        this.#send("stream", `stream.${name}`, body, parent, [], weight);
      },
    });
  }

  /** From now on all stays below Jupyter Server's limits. */
  behindServer(): void {
    this.#server = true;
    this.#streams.cap();
  }

  /** Resolves when everything published so far is with ZeroMQ. */
  get sent(): Promise<void> {
    return this.#outbox.sent;
  }

  stream(name: StreamName, parent: Header | undefined, text: string, weight: number): void {
    this.#streams.add(name, parent, text, weight);
    this.#timer ??= setInterval(() => this.#tick(), flushMs);
  }

  /** Publishes behind everything printed before. */
  publish(
    type: string,
    body: Body,
    parent: Header | undefined,
    buffers: readonly Uint8Array[] = [],
    weight = 0,
  ): void {
    if (type === "clear_output") this.#streams.clear();
    else if (lastWords.has(type)) this.#streams.settle(parent);
    else this.#streams.flush();
    this.#send(type, type, body, parent, buffers, weight);
  }

  status(state: "starting" | "busy" | "idle", parent: Header | undefined): void {
    const body = { content: jsonOf({ execution_state: state }), metadata: "{}" };
    this.publish("status", body, parent);
  }

  /** The output of a request starts here. */
  begin(parent: Header): void {
    this.#streams.flush();
    this.#streams.begin(parent);
  }

  /** The output of the request ends here; later text is late. */
  end(): void {
    this.#streams.end();
  }

  /** Answers a subscription; the topic of the answer is what was subscribed to (JEP 65). */
  welcome(topic: Uint8Array): void {
    const body = {
      content: jsonOf({ subscription: Buffer.from(topic).toString() }),
      metadata: "{}",
    };
    this.#send("iopub_welcome", topic, body, undefined, [], 0);
  }

  /** Sends what was printed so far. */
  flush(): void {
    this.#streams.flush();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#outbox.stop();
  }

  #tick(): void {
    this.#streams.flush();
    if (this.#streams.waiting) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #send(
    type: string,
    topic: string | Uint8Array,
    body: Body,
    parent: Header | undefined,
    buffers: readonly Uint8Array[],
    weight: number,
  ): void {
    const route = [typeof topic === "string" ? Buffer.from(topic) : topic];
    const { frames } = this.#wire.write({ type, route, parent, body, buffers });
    const sent = this.#outbox.send(frames, this.#server && !unpaced.has(type));
    if (weight > 0) sent.then(() => this.#release(weight));
  }

  #release(weight: number): void {
    Atomics.sub(this.#shared, Shared.waiting, weight);
    Atomics.notify(this.#shared, Shared.waiting);
  }
}
