import type { Display } from "tslab";

/** What the kernel lends to the code that runs in it: tslab's public display interface. */
export interface Host {
  readonly display: Display;
  newDisplay(): Display;
}

let attached: Host | undefined;

/** Called once by the kernel as it starts. */
export function attach(host: Host): void {
  attached = host;
}

/** The kernel this code runs in; undefined in any other process. */
export function host(): Host | undefined {
  return attached;
}
