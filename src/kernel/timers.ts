import { promisify } from "node:util";
import { currentCell } from "./context";

type Callback = (...given: unknown[]) => void;

/**
 * Notes which cell started a timer.
 *
 * @returns clears the timers of a cell, by the id of its request
 */
export function watchTimers(): (cell: string) => void {
  const running = new Map<string, Set<NodeJS.Timeout | NodeJS.Immediate>>();
  const clear = {
    setTimeout: globalThis.clearTimeout,
    setImmediate: globalThis.clearImmediate,
  };
  for (const name of ["setTimeout", "setInterval", "setImmediate"] as const) {
    const original = globalThis[name] as unknown as (
      ...given: unknown[]
    ) => NodeJS.Timeout & NodeJS.Immediate;
    const once = name !== "setInterval";
    const start = (callback: Callback, ...given: unknown[]): unknown => {
      const cell = currentCell()?.header.msg_id;
      if (typeof callback !== "function" || cell === undefined) return original(callback, ...given);
      const timers = running.get(cell) ?? new Set();
      running.set(cell, timers);
      const wait = name === "setImmediate" ? [] : [given.shift()];
      const timer = original(
        () => {
          if (once) timers.delete(timer);
          callback(...given);
        },
        ...wait,
      );
      timers.add(timer);
      return timer;
    };
    const custom = (original as unknown as Record<symbol, unknown>)[promisify.custom];
    Object.defineProperty(start, promisify.custom, { value: custom });
    Object.defineProperty(globalThis, name, { value: start, writable: true, configurable: true });
  }
  return (cell) => {
    for (const timer of running.get(cell) ?? []) {
      clear.setTimeout(timer as NodeJS.Timeout);
      clear.setImmediate(timer as NodeJS.Immediate);
    }
    running.delete(cell);
  };
}
