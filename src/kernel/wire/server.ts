import type { Message } from "./messages";

// Jupyter Server drops what comes too fast, so the kernel must know whether one stands between it and the frontend.

/** Jupyter Server names the notebook that a session's kernel was started for. Other clients do not. */
export function isOfSession(): boolean {
  return Boolean(process.env.JPY_SESSION_NAME);
}

/**
 * Whether a message on control is what Jupyter Server alone asks when a page connects, for kernels of no session too:
 * `kernel_info` from a socket without a name. The sockets of jupyter_client bear their session's name, and a name that
 * ZeroMQ gives begins with 0.
 */
export function isNudge({ header, identities }: Message): boolean {
  return header.msg_type === "kernel_info_request" && identities[0]?.[0] === 0;
}
