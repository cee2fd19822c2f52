import type { Graph } from "./graph";
import { native } from "./tensorflow";
import type { HostTensor } from "./types";

export interface FeedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/**
 * TensorFlow's ConfigProto with inter_op_parallelism_threads (field 5) = -1: ops run one after another in the thread
 * that calls, each with all threads. Handing them to a pool costs more than it gains where every op fills the cores.
 */
const config = Uint8Array.of(5 << 3, ...new Array(9).fill(0xff), 0x01);

let open = 0;

/** How many sessions are open. */
export const openSessions = (): number => open;

/** A loaded graph with its variables. */
export class Session {
  private handle: object | undefined;

  constructor(graph: Graph) {
    this.handle = native.loadGraph(graph.serialize(), config);
    open++;
  }

  /**
   * Runs the part of the graph that the fetched nodes need.
   * @param feeds values by placeholder
   * @returns first output of each fetched node, float32, in their order
   */
  run(feeds: Readonly<Record<string, FeedTensor>>, fetches: readonly string[]): HostTensor[] {
    if (this.handle === undefined) throw new Error("This step was disposed; make a new one.");
    return native.runGraph(this.handle, Object.keys(feeds), Object.values(feeds), fetches);
  }

  close(): void {
    if (this.handle === undefined) return;
    native.closeGraph(this.handle);
    this.handle = undefined;
    open--;
  }
}
