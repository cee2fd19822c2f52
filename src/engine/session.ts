import type { Graph } from "./graph";
import { hasKernels, native } from "./tensorflow";
import type { HostTensor, Precision } from "./types";

export interface FeedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
  /** The graph may keep the data's memory, which nobody changes then: no copy is made where it is aligned. */
  readonly shared?: boolean;
}

type Feeds = Readonly<Record<string, FeedTensor>>;

/** TensorFlow's RunOptions with inter_op_thread_pool (field 3). */
const runOptions = {
  /**
   * -1: ops run in the thread that calls, each with all threads. Handing them to a pool costs more than it gains where
   * every op fills the cores.
   */
  oneByOne: Uint8Array.of(3 << 3, ...new Array(9).fill(0xff), 0x01),
  /** 0: ops that need nothing of one another run at once. */
  sideBySide: Uint8Array.of(3 << 3, 0),
};

/**
 * Of fewer tokens TensorFlow makes products in one thread each, of a width such as MiniLM's: those whose matrices fit
 * the second-level cache together.
 */
const manyTokens = 512;

let open = 0;

/** How many sessions are open. */
export const openSessions = (): number => open;

/** A loaded graph with its variables. */
export class Session {
  private handle: object | undefined;

  /** @param precision of the products in every run */
  constructor(
    graph: Graph,
    private readonly precision: Precision,
  ) {
    this.handle = native.loadGraph(graph.serialize());
    open++;
  }

  /**
   * Runs the part of the graph that the fetched nodes need.
   * @param feeds values by placeholder
   * @returns first output of each fetched node, float32, in their order
   */
  run(feeds: Feeds, fetches: readonly string[]): HostTensor[] {
    return this.start(feeds, fetches, []);
  }

  /** Runs nodes with what they need and brings nothing back; on a GPU they may still be running afterwards. */
  launch(feeds: Feeds, nodes: readonly string[]): void {
    this.start(feeds, [], nodes);
  }

  private start(feeds: Feeds, fetches: readonly string[], nodes: readonly string[]): HostTensor[] {
    if (this.handle === undefined) throw new Error("This step was disposed; make a new one.");
    native.allowTensorFloat32(this.precision === "tf32");
    const values = Object.values(feeds);
    const few = values.every(({ shape: [length = 0] }) => length < manyTokens);
    const options = hasKernels && few ? runOptions.sideBySide : runOptions.oneByOne;
    return native.runGraph(this.handle, Object.keys(feeds), values, fetches, nodes, options);
  }

  close(): void {
    if (this.handle === undefined) return;
    native.closeGraph(this.handle);
    this.handle = undefined;
    open--;
  }
}
