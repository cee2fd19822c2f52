import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { type Body, type Content, type Header, type Message, protocolVersion } from "./messages";

const delimiter = Buffer.from("<IDS|MSG>");
/** As many signatures as jupyter_client remembers. */
const mostSeen = 2 ** 16;

/** Why a message is dropped. Its text goes to the terminal only. */
export class BadMessage extends Error {}

export interface Outgoing {
  readonly type: string;
  /** Routing frames, or the topic on iopub. */
  readonly route: readonly Uint8Array[];
  readonly parent: Partial<Header> | undefined;
  readonly body: Body;
  readonly buffers?: readonly Uint8Array[];
}

/** Turns frames into messages and back, and signs them with `key`; an empty key means unsigned. */
export class Wire {
  readonly #key: string;
  readonly #session = randomUUID();
  readonly #seen = new Set<string>();
  #sent = 0;

  constructor(key: string) {
    this.#key = key;
  }

  /** The message in `frames`. Throws BadMessage; nothing is parsed before its signature is verified. */
  read(frames: readonly Uint8Array[]): Message {
    const at = frames.findIndex((frame) => delimiter.equals(frame));
    if (at < 0) throw new BadMessage("it has no delimiter <IDS|MSG>");
    const [signature, header, parent, metadata, content, ...buffers] = frames.slice(at + 1);
    if (!signature || !header || !parent || !metadata || !content) {
      throw new BadMessage(
        `it has ${frames.length - at - 1} frames after the delimiter, not 5 or more`,
      );
    }
    this.#verify(signature, [header, parent, metadata, content]);
    return {
      identities: frames.slice(0, at),
      header: headerOf(objectOf("header", header)),
      parent: objectOf("parent_header", parent) as Partial<Header>,
      metadata: objectOf("metadata", metadata),
      content: objectOf("content", content),
      buffers,
    };
  }

  /** The frames of a message of the kernel, and the id it was given. */
  write({ type, route, parent, body, buffers = [] }: Outgoing): {
    id: string;
    frames: Uint8Array[];
  } {
    this.#sent += 1;
    const id = `${this.#session}_${process.pid}_${this.#sent}`;
    const header: Header = {
      msg_id: id,
      session: this.#session,
      username: "kernel",
      date: new Date().toISOString(),
      msg_type: type,
      version: protocolVersion,
    };
    const texts = [
      JSON.stringify(header),
      JSON.stringify(parent ?? {}),
      body.metadata,
      body.content,
    ];
    const parts = texts.map((text) => Buffer.from(text));
    const signature = Buffer.from(this.#key === "" ? "" : this.#sign(parts).toString("hex"));
    return { id, frames: [...route, delimiter, signature, ...parts, ...buffers] };
  }

  #sign(parts: readonly Uint8Array[]): Buffer {
    const hmac = createHmac("sha256", this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  }

  #verify(signature: Uint8Array, parts: readonly Uint8Array[]): void {
    if (this.#key === "") return;
    const expected = Buffer.from(this.#sign(parts).toString("hex"));
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      throw new BadMessage("its signature is wrong");
    }
    const text = expected.toString();
    if (this.#seen.has(text)) throw new BadMessage("its signature was seen before");
    this.#seen.add(text);
    if (this.#seen.size <= mostSeen) return;
    for (const oldest of this.#seen) {
      this.#seen.delete(oldest);
      break;
    }
  }
}

function objectOf(name: string, frame: Uint8Array): Content {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString());
  } catch {
    throw new BadMessage(`its ${name} is not JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new BadMessage(`its ${name} is not a JSON object`);
  }
  return value as Content;
}

function headerOf(fields: Content): Header {
  for (const name of ["msg_id", "msg_type"]) {
    const value = fields[name];
    if (typeof value !== "string" || value === "")
      throw new BadMessage(`its header has no ${name}`);
  }
  for (const name of ["session", "username", "date", "version"]) {
    const value = fields[name];
    if (value !== undefined && typeof value !== "string") {
      throw new BadMessage(`its header's ${name} is not text`);
    }
  }
  // Frontends find their request in the echo, so further fields stay.
  return { session: "", username: "", date: "", version: "", ...fields } as unknown as Header;
}
