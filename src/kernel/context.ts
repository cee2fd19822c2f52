import { AsyncLocalStorage } from "node:async_hooks";
import { selfContained } from "./built-ins";
import type { Header } from "./wire/messages";

/** The cell that a piece of code was started by, however late it runs. */
export interface CellContext {
  readonly header: Header;
  /** Called when it fails or is interrupted. */
  readonly onFailure: Set<() => void>;
}

const storage = selfContained(new AsyncLocalStorage<CellContext>());
let last: CellContext | undefined;

/** Runs a cell's code as that cell's. */
export function withinCell<T>(context: CellContext, body: () => T): T {
  last = context;
  return storage.run(context, body);
}

/** The cell whose code is running now; where that is not known, the one that was started last. */
export function currentCell(): CellContext | undefined {
  return storage.getStore() ?? last;
}

/** The cell that the code running now certainly belongs to; undefined in the kernel's own work. */
export function codeOfCell(): CellContext | undefined {
  return storage.getStore();
}
