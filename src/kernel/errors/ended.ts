import { getHeapStatistics } from "node:v8";

/** What a cell ends with that is interrupted. */
export class InterruptedError extends Error {
  override name = "KeyboardInterrupt";
  /** @param isTold whether a cell's reply says it */
  constructor(
    message = "",
    readonly isTold = true,
  ) {
    super(message);
  }
}

// Read now: while V8's debugger watches it is higher.
const limit = Math.round(getHeapStatistics().heap_size_limit / 2 ** 20);

/** What a cell ends with whose values do not fit into the heap. */
export class OutOfMemoryError extends InterruptedError {
  override name = "OutOfMemoryError";

  /** @param isTold whether a cell's reply says it */
  constructor(isTold: boolean) {
    super(
      `The cell's values do not fit into the ${limit} MB that Node has for them, so it was ended and its values are gone. ` +
        "NODE_OPTIONS=--max-old-space-size=… in the environment of Jupyter gives it more, in MB.",
      isTold,
    );
  }
}
