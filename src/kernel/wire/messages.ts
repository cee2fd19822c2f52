/** Version of the Jupyter protocol that headers and `kernel_info_reply` name. */
export const protocolVersion = "5.4";

export interface Header {
  readonly msg_id: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly msg_type: string;
  readonly version: string;
}

export type Content = Readonly<Record<string, unknown>>;

/** A message of a frontend, its signature verified. */
export interface Message {
  /** Routing frames: where a reply goes. */
  readonly identities: readonly Uint8Array[];
  readonly header: Header;
  readonly parent: Partial<Header>;
  readonly metadata: Content;
  readonly content: Content;
  readonly buffers: readonly Uint8Array[];
}

/** Another message than a reply, on iopub. */
export interface Publication {
  readonly type: string;
  readonly content: Content;
  /** Header of the request it belongs to, or undefined. */
  readonly parent: Header | undefined;
  readonly metadata?: Content;
  readonly buffers?: readonly Uint8Array[];
}

export type StreamName = "stdout" | "stderr";

/** Content and metadata as JSON text: made on the main thread, so that what cannot be JSON throws there. */
export interface Body {
  readonly content: string;
  readonly metadata: string;
}

/** What the main thread sends over the port. `weight`: how much it adds to `Shared.waiting`. */
export type ToSockets =
  | {
      readonly kind: "publish";
      readonly type: string;
      readonly body: Body;
      readonly parent: Header | undefined;
      readonly buffers: readonly Uint8Array[];
      readonly weight: number;
    }
  | {
      readonly kind: "stream";
      readonly name: StreamName;
      readonly text: string;
      /** `"same"`: that of the stream message before, so that a header is not copied for each line. */
      readonly parent: Header | undefined | "same";
      readonly weight: number;
    }
  | { readonly kind: "reply"; readonly id: string; readonly body: Body }
  | { readonly kind: "abort" }
  | {
      readonly kind: "input";
      readonly number: number;
      readonly identities: readonly Uint8Array[];
      readonly parent: Header;
      readonly content: string;
    }
  | { readonly kind: "input-end"; readonly number: number }
  | { readonly kind: "close" };

/** What the socket thread sends over the port. */
export type ToMain =
  | { readonly kind: "request"; readonly message: Message }
  | { readonly kind: "interrupt" }
  | { readonly kind: "input"; readonly number: number; readonly value: string }
  /** The process must end now. */
  | { readonly kind: "exit"; readonly code: number }
  | { readonly kind: "closed" };

/** Places in the Int32Array that both threads share. */
export const Shared = {
  /** Weight of the output that waits to be sent. */
  waiting: 0,
  /** How many interrupts were asked for; readable while the main thread's event loop stands. */
  interrupts: 1,
  /** 1 once the sockets take nothing more. */
  closed: 2,
  /** How many messages with output are in the port. */
  posts: 3,
  /** How many of the interrupts the main thread's event loop has heard of. */
  heard: 4,
  length: 5,
} as const;

/**
 * The most messages with output in the port, and how few there must be before a slowed main thread
 * goes on: the socket thread takes all that are there in one turn, and must answer others between.
 */
export const mostPosts = 1024;
export const fewPosts = 512;

/** What the worker is started with. */
export interface SocketsData {
  readonly connectionFile: string;
  readonly kernelInfo: Content;
  readonly shared: Int32Array;
  /** The file of `sigint.ts`. */
  readonly sigint: string | undefined;
  /** Bytes of the main thread's heap. */
  readonly heapLimit: number;
}
