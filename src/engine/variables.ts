import { types } from "./execute";
import { attribute, type Graph } from "./graph";
import type { Session } from "./session";
import type { HostTensor, ParameterMap } from "./types";

/** Bytes fed to the graph at once: parameters pass through in pieces, so that they are never held twice. */
const chunkBytes = 16 * 2 ** 20;

const float = attribute.type(types.float32);

/** A float32 variable of the graph under construction. */
export interface Variable {
  /** Node of the resource. */
  readonly handle: string;
  /** Node of its value at the start of a step. */
  readonly read: string;
}

/** Variables of a graph by name, with a way in and a way out. */
export class Variables {
  private readonly shapes = new Map<string, readonly number[]>();
  private readonly cleared: string[] = [];

  add(graph: Graph, name: string, shape: readonly number[]): Variable {
    this.shapes.set(name, shape);
    const handle = graph.node(`variable/${name}`, "VarHandleOp", [], {
      dtype: float,
      shape: attribute.shape(shape),
      shared_name: attribute.string(name),
    });
    const read = graph.node(`read/${name}`, "ReadVariableOp", [handle], { dtype: float });
    const fed = graph.placeholder(`feed/${name}`, "float32", shape);
    const set = assign(graph, `set/${name}/assign`, handle, fed);
    graph.node(`set/${name}`, "Identity", [graph.scalar("float32", 1), `^${set}`], { T: float });
    return { handle, read };
  }

  /** Adds a variable that `clear` sets to zeros. */
  addZeros(graph: Graph, name: string, shape: readonly number[]): Variable {
    const variable = this.add(graph, name, shape);
    const dims = graph.constant({ shape: [shape.length], dtype: types.int32, values: shape });
    // A tensor of zeros for each: of ops that TensorFlow knows to be alike it makes one, whose memory two would share.
    const zeros = graph.node(`zeros/${name}`, "Empty", [dims], {
      dtype: float,
      init: attribute.boolean(true),
    });
    const set = assign(graph, `clear/${name}`, variable.handle, zeros);
    this.cleared.push(set);
    return variable;
  }

  /** Sets variables to values. */
  write(session: Session, values: ParameterMap): void {
    for (const chunk of chunks([...values], ([, { shape }]) => bytes(shape))) {
      for (const [name, { shape }] of chunk) this.check(name, shape);
      session.run(
        Object.fromEntries(chunk.map(([name, value]) => [`feed/${name}`, value])),
        chunk.map(([name]) => `set/${name}`),
      );
    }
  }

  /** Sets all variables that `addZeros` added. */
  clear(session: Session): void {
    session.run({}, ["clear"]);
  }

  /** Adds what `clear` runs, once all variables are there. */
  finish(graph: Graph): void {
    const all = [graph.scalar("float32", 1), ...this.cleared.map((node) => `^${node}`)];
    graph.node("clear", "Identity", all, { T: float });
  }

  read(session: Session, names: readonly string[]): Map<string, HostTensor> {
    const values = new Map<string, HostTensor>();
    for (const chunk of chunks(names, (name) => bytes(this.shapes.get(name)!))) {
      const read = session.run(
        {},
        chunk.map((name) => `read/${name}`),
      );
      chunk.forEach((name, i) => {
        values.set(name, read[i]!);
      });
    }
    return values;
  }

  private check(name: string, shape: readonly number[]): void {
    const expected = this.shapes.get(name);
    if (!expected) throw new Error(`The step has no variable ${name}.`);
    if (`${expected}` !== `${shape}`)
      throw new Error(`${name} has the shape [${expected}] in the step; got [${shape}].`);
  }
}

/**
 * Adds a node that sets a variable to a value. The variable takes over the value's memory, which must be its own: the
 * optimiser changes it in place. (What is fed is a copy of its own.)
 */
function assign(graph: Graph, name: string, handle: string, value: string): string {
  return graph.node(name, "AssignVariableOp", [handle, value], { dtype: float });
}

function bytes(shape: readonly number[]): number {
  return 4 * shape.reduce((product, d) => product * d, 1);
}

/** Splits a list so that each part is small, one item at least. */
function chunks<Item>(items: readonly Item[], size: (item: Item) => number): Item[][] {
  const parts: Item[][] = [];
  let room = 0;
  for (const item of items) {
    room -= size(item);
    if (room < 0 || parts.length === 0) {
      parts.push([]);
      room = chunkBytes - size(item);
    }
    parts.at(-1)!.push(item);
  }
  return parts;
}
