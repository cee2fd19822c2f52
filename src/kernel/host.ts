import type { Display } from "tslab";

/** What the kernel lends to the code that runs in it. */
export interface Host {
  /** tslab's public display interface. */
  readonly display: Display;
  newDisplay(): Display;
  /** Number of the cell that runs or ran last. */
  cell(): number;
}

let attached: Host | undefined;

/** Called by the kernel as it starts. */
export function attach(host: Host | undefined): void {
  attached = host;
}

/** The kernel this code runs in; undefined in any other process. */
export function host(): Host | undefined {
  return attached;
}
