import { types } from "./execute";
import { attribute, type Graph } from "./graph";
import { layOut } from "./packing";
import type { Session } from "./session";
import { sizeOf } from "./shapes";
import type { HostTensor, ParameterMap } from "./types";

/** Bytes fed to the graph at once: parameters pass through in pieces, so that they are never held twice. */
const chunkBytes = 128 * 2 ** 20;

const float = attribute.type(types.float32);
const integer = attribute.type(types.int32);

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
    const variable = declare(graph, name, shape);
    this.addSetter(graph, name, shape, (fed) => assign(graph, `set/${name}`, variable.handle, fed));
    return variable;
  }

  /**
   * Adds one variable, which `clear` sets to zeros, for several values: each is read and set by its own name.
   * @returns the variable of all, `[values]`; `readOf` names the node of one
   */
  addPacked(
    graph: Graph,
    name: string,
    parts: readonly (readonly [name: string, shape: readonly number[]])[],
  ): Variable {
    const places = layOut(parts.map(([, shape]) => shape));
    const total = places.reduce((sum, { size, padding }) => sum + size + padding, 0);
    const variable = declare(graph, name, [total]);
    this.addClearing(graph, name, [total], variable);
    const constant = (values: readonly number[]) =>
      graph.constant({ shape: [values.length], dtype: types.int32, values });
    for (const [at, [part, shape]] of parts.entries()) {
      const { start, size } = places[at]!;
      const flat = shape.length === 1 ? readOf(part) : `slice/${part}`;
      const range = [constant([start]), constant([size])];
      graph.node(flat, "Slice", [variable.read, ...range], { T: float, Index: integer });
      graph.reshape(readOf(part), flat, [size], shape);
      this.addSetter(graph, part, shape, (fed) => {
        const range = [constant([start]), constant([start + size]), constant([1])];
        const flat = graph.reshape(`set/${part}/flat`, fed, shape, [size]);
        graph.node(`set/${part}`, "ResourceStridedSliceAssign", [variable.handle, ...range, flat], {
          T: float,
          Index: integer,
        });
      });
    }
    return variable;
  }

  /** Adds what sets a value: a placeholder, and what `set` does with it in the node `set/<name>`. */
  private addSetter(
    graph: Graph,
    name: string,
    shape: readonly number[],
    set: (fed: string) => void,
  ): void {
    this.shapes.set(name, shape);
    set(graph.placeholder(`feed/${name}`, "float32", shape));
  }

  /** Adds a variable that `clear` sets to zeros. */
  addZeros(graph: Graph, name: string, shape: readonly number[]): Variable {
    const variable = this.add(graph, name, shape);
    this.addClearing(graph, name, shape, variable);
    return variable;
  }

  private addClearing(
    graph: Graph,
    name: string,
    shape: readonly number[],
    { handle }: Variable,
  ): void {
    const dims = graph.constant({ shape: [shape.length], dtype: types.int32, values: shape });
    // A tensor of zeros for each: of ops that TensorFlow knows to be alike it makes one, whose memory two would share.
    const zeros = graph.node(`zeros/${name}`, "Empty", [dims], {
      dtype: float,
      init: attribute.boolean(true),
    });
    this.cleared.push(assign(graph, `clear/${name}`, handle, zeros));
  }

  /**
   * Sets variables to values.
   * @param constant nobody changes the values while the session is open, so it may keep their memory
   */
  write(session: Session, values: ParameterMap, { constant = false } = {}): void {
    for (const chunk of chunks([...values], ([, { shape }]) => bytes(shape))) {
      for (const [name, value] of chunk) this.check(name, value);
      session.launch(
        Object.fromEntries(
          chunk.map(([name, value]) => [`feed/${name}`, { ...value, shared: constant }]),
        ),
        chunk.map(([name]) => `set/${name}`),
      );
    }
  }

  /** Sets all variables that start from zeros. Comes before `write`: a packed variable must be there to be written. */
  clear(session: Session): void {
    if (this.cleared.length > 0) session.launch({}, this.cleared);
  }

  read(session: Session, names: readonly string[]): Map<string, HostTensor> {
    const values = new Map<string, HostTensor>();
    for (const chunk of chunks(names, (name) => bytes(this.shapes.get(name)!))) {
      const read = session.run({}, chunk.map(readOf));
      chunk.forEach((name, i) => {
        values.set(name, read[i]!);
      });
    }
    return values;
  }

  private check(name: string, { shape, data }: HostTensor): void {
    const expected = this.shapes.get(name);
    if (!expected) throw new Error(`The step has no variable ${name}.`);
    if (`${expected}` !== `${shape}`)
      throw new Error(`${name} has the shape [${expected}] in the step; got [${shape}].`);
    if (4 * data.length !== bytes(shape))
      throw new Error(`${name} has ${data.length} values, which are not of the shape [${shape}].`);
  }
}

/** The node of a value at the start of a step. */
export const readOf = (name: string): string => `read/${name}`;

function declare(graph: Graph, name: string, shape: readonly number[]): Variable {
  const handle = graph.node(`variable/${name}`, "VarHandleOp", [], {
    dtype: float,
    shape: attribute.shape(shape),
    shared_name: attribute.string(name),
  });
  return { handle, read: graph.node(readOf(name), "ReadVariableOp", [handle], { dtype: float }) };
}

/**
 * Adds a node that sets a variable to a value. The variable takes over the value's memory, which must be its own: the
 * optimiser changes it in place. (What is fed is a copy of its own.)
 */
function assign(graph: Graph, name: string, handle: string, value: string): string {
  return graph.node(name, "AssignVariableOp", [handle, value], { dtype: float });
}

const bytes = (shape: readonly number[]) => 4 * sizeOf(shape);

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
