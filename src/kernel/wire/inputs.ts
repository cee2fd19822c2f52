import type { Iopub } from "./iopub";
import type { Message, ToMain, ToSockets } from "./messages";
import type { Outbox } from "./outbox";
import type { Wire } from "./wire";

type Ask = Extract<ToSockets, { kind: "input" }>;

export interface InputsOptions {
  readonly wire: Wire;
  readonly outbox: Outbox;
  readonly iopub: Iopub;
  readonly post: (message: ToMain) => void;
}

/** The stdin channel: one question of the kernel at a time, answered by the frontend it went to. */
export class Inputs {
  readonly #options: InputsOptions;
  #pending: { readonly number: number; readonly route: string; id: string } | undefined;

  constructor(options: InputsOptions) {
    this.#options = options;
  }

  async ask({ number, identities, parent, content }: Ask): Promise<void> {
    const { wire, outbox, iopub } = this.#options;
    const pending = { number, route: routeOf(identities), id: "" };
    this.#pending = pending;
    iopub.flush();
    await iopub.sent;
    if (this.#pending !== pending) return;
    const body = { content, metadata: "{}" };
    const { id, frames } = wire.write({ type: "input_request", route: identities, parent, body });
    pending.id = id;
    await outbox.send(frames);
  }

  /** The question is no longer waited for: an answer that still comes is dropped. */
  end(number: number): void {
    if (this.#pending?.number === number) this.#pending = undefined;
  }

  receive({ header, identities, parent, content }: Message): void {
    const pending = this.#pending;
    if (!pending || header.msg_type !== "input_reply") return;
    if (routeOf(identities) !== pending.route) return;
    // Some clients name no parent; one that names another answers an older question.
    if (parent.msg_id !== undefined && parent.msg_id !== pending.id) return;
    this.#pending = undefined;
    const { value } = content;
    this.#options.post({
      kind: "input",
      number: pending.number,
      value: typeof value === "string" ? value : "",
    });
  }
}

const routeOf = (identities: readonly Uint8Array[]): string =>
  identities.map((frame) => Buffer.from(frame).toString("hex")).join(".");
