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

/** -1 in TensorFlow's messages. */
const minusOne = [...new Array(9).fill(0xff), 0x01];

/**
 * TensorFlow's ConfigProto. inter_op_parallelism_threads (field 5) = -1: ops run one after another in the thread that
 * calls, each with all threads. Handing them to a pool costs more than it gains where every op fills the cores.
 *
 * With our kernels graph_options.rewrite_options.disable_meta_optimizer (fields 10, 10, 19) = true: TensorFlow finds
 * nothing more to save in such a graph, and takes longer over it than over everything else a new step needs.
 */
const config = Uint8Array.of(
  ...[5 << 3, ...minusOne],
  ...(hasKernels ? [0x52, 5, 0x52, 3, 0x98, 0x01, 1] : []),
);

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
    this.handle = native.loadGraph(graph.serialize(), config);
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
    return native.runGraph(this.handle, Object.keys(feeds), Object.values(feeds), fetches, nodes);
  }

  close(): void {
    if (this.handle === undefined) return;
    native.closeGraph(this.handle);
    this.handle = undefined;
    open--;
  }
}
