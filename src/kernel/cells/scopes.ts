import vm from "node:vm";
import { withLentBuiltIns, withTrueBuiltIns } from "../built-ins";
import type { CompiledCell } from "./cells";
import { names } from "./given-names";

type Accessors = Readonly<Record<string, { get(): unknown; set?(value: unknown): void }>>;
type Body = (...given: unknown[]) => Promise<{ value: unknown } | undefined>;

/** What every cell is given besides its own and earlier names. */
export interface Given {
  /** Loads what a cell imports, from its folder. */
  load(specifier: string): Promise<unknown>;
  /** Further names, by name: `require`, `__dirname` and the interrupt's check. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** The names of the cells that ran, with their values: read where they live, so all cells see one another's changes. */
export class Scopes {
  private readonly cells = new Map<number, object>();

  constructor(private readonly given: Given) {}

  /**
   * Runs a compiled cell to its end.
   *
   * @returns the last expression's value, where the cell ends with one
   */
  run(cell: CompiledCell, filename: string): Promise<{ value: unknown } | undefined> {
    const scope = {};
    const used = [...new Set([...cell.text.uses.values()].map(({ cell }) => cell))];
    const extra = Object.entries(this.given.extra);
    const parameters = [
      names.own,
      names.load,
      ...used.map(names.cell),
      ...extra.map(([name]) => name),
    ];
    this.cells.set(cell.number, scope);
    const body: Body = vm.runInThisContext(
      `(async function (${parameters.join(", ")}) { "use strict"; ${cell.javascript}\n})`,
      { filename },
    );
    const given = [
      (accessors: Accessors) => withTrueBuiltIns(() => define(scope, accessors)),
      this.given.load,
      ...used.map((number) => this.cells.get(number)),
      ...extra.map(([, value]) => value),
    ];
    return withLentBuiltIns(body, given);
  }

  forget(cell: CompiledCell): void {
    this.cells.delete(cell.number);
  }

  /** Names of a cell that have no value, since it failed before it reached them. */
  missing(cell: CompiledCell): Set<string> {
    const scope = (this.cells.get(cell.number) ?? {}) as Record<string, unknown>;
    return new Set(
      cell.values.filter((name) => {
        try {
          void scope[name];
          return !(name in scope);
        } catch {
          return true;
        }
      }),
    );
  }
}

function define(scope: object, accessors: Accessors): void {
  for (const [name, { get, set }] of Object.entries(accessors))
    Object.defineProperty(scope, name, { get, set, enumerable: true, configurable: true });
}
