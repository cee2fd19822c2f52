import type { MakeProgress } from "../progress/report";
import type { DisplayBundle } from "./display";

/** What the kernel lends to the code that runs in it. */
export interface Host {
  /** Shows a bundle below the cell that runs; a chart is drawn first. */
  display(bundle: DisplayBundle): Promise<void>;
  /** Bars below the cell that this code belongs to. */
  readonly progress: MakeProgress;
  /** Aborted when the running cell is interrupted. Who asks for it is given time to end by itself. */
  signal(): AbortSignal;
}

// Global, since the kernel and the project's code have modules of their own.
const key = Symbol.for("peftlab.kernel");
const shared = globalThis as { [key]?: Host | undefined };

/** Called by the kernel as it starts. */
export function attach(host: Host | undefined): void {
  shared[key] = host;
}

/** The kernel this code runs in; undefined in any other process. */
export function host(): Host | undefined {
  return shared[key];
}
