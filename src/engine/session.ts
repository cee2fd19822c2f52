import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { types } from "./execute";
import type { Graph } from "./graph";
import { backend } from "./tensorflow";
import type { HostTensor } from "./types";

export interface FeedTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

/** A loaded graph with its variables. */
export class Session {
  private handle: number | undefined;

  constructor(graph: Graph) {
    // TensorFlow loads graphs from a folder only.
    const folder = mkdtempSync(join(tmpdir(), `peftlab-${process.pid}-`));
    try {
      writeFileSync(join(folder, "saved_model.pb"), graph.serialize());
      this.handle = backend.binding.loadSavedModel(folder, "serve,");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /**
   * Runs the part of the graph that the fetched nodes need.
   * @param feeds values by placeholder
   * @returns first output of each fetched node, in their order
   */
  run(feeds: Readonly<Record<string, FeedTensor>>, fetches: readonly string[]): HostTensor[] {
    if (this.handle === undefined) throw new Error("This step was disposed; make a new one.");
    const { binding } = backend;
    const held: number[] = [];
    try {
      for (const { shape, data } of Object.values(feeds)) {
        const dtype = data instanceof Float32Array ? types.float32 : types.int32;
        held.push(binding.createTensor([...shape], dtype, data));
      }
      const outputs = binding.runSavedModel(
        this.handle,
        [...held],
        list(Object.keys(feeds)),
        list(fetches),
      );
      held.push(...outputs.map(({ id }) => id));
      return outputs.map(({ id, shape }) => ({
        shape,
        data: binding.tensorDataSync(id) as Float32Array,
      }));
    } finally {
      for (const id of held) binding.deleteTensor(id);
    }
  }

  close(): void {
    if (this.handle === undefined) return;
    backend.binding.deleteSavedModel(this.handle);
    this.handle = undefined;
  }
}

function list(names: readonly string[]): string {
  return names.map((name) => `${name}:0,`).join("");
}
