import { setImmediate as turn } from "node:timers/promises";
import type { Iopub } from "./iopub";
import { bodyOf } from "./json";
import type { Body, Content, Header, Message } from "./messages";
import { answerOf } from "./requests";
import { tellTerminal } from "./stderr";

export interface ControlOptions {
  readonly iopub: Iopub;
  readonly kernelInfo: Content;
  readonly reply: (channel: "shell" | "control", request: Message, body: Body) => Promise<void>;
  /** Header of the shell request that is being handled. */
  readonly running: () => Header | undefined;
  readonly interrupt: () => void;
  /** Called as soon as a shutdown is asked for: the process must be gone within a second. */
  readonly doom: () => void;
  readonly leave: () => Promise<void>;
}

/** What is answered when it comes, whatever the main thread does. */
export class Control {
  readonly #options: ControlOptions;

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  async receive(message: Message, channel: "shell" | "control"): Promise<void> {
    const { iopub, reply, running, interrupt, kernelInfo } = this.#options;
    const { msg_type: type } = message.header;
    if (type === "shutdown_request") return this.#shutdown(message, channel);
    iopub.status("busy", message.header);
    if (type === "interrupt_request") interrupt();
    const answer =
      type === "interrupt_request" ? bodyOf({ status: "ok" }) : answerOf(type, kernelInfo);
    if (answer) await reply(channel, message, answer);
    else tellTerminal(`A message of unknown type ${type} was dropped.`);
    iopub.status("idle", message.header);
    // Frontends show the last status, and a cell is still running.
    const header = running();
    if (header) iopub.status("busy", header);
  }

  async #shutdown(message: Message, channel: "shell" | "control"): Promise<void> {
    const { iopub, reply, doom, leave } = this.#options;
    doom();
    const { header, content } = message;
    const body = bodyOf({ status: "ok", restart: content.restart === true });
    iopub.status("busy", header);
    // What was printed before is still on its way from the main thread.
    await turn();
    await turn();
    iopub.end();
    await reply(channel, message, body);
    iopub.publish("shutdown_reply", body, header);
    iopub.status("idle", header);
    await leave();
  }
}
