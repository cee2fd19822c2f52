import { promisify } from "node:util";
import { currentCell } from "./context";

type Callback = (...given: unknown[]) => void;
type Timer = NodeJS.Timeout | NodeJS.Immediate;

/** The timers that cells started, by the id of a cell's request. */
export interface Timers {
  /** Ends a cell's sleeps early, so that what waits for them goes on and can be cut: its `finally` blocks run. */
  wake(cell: string): void;
  /** Ends a cell's timers. */
  clear(cell: string): void;
}

/** Notes which cell started a timer. */
export function watchTimers(): Timers {
  const running = new Map<string, Map<Timer, Callback>>();
  const owners = new WeakMap<object, string>();
  const stop = {
    timeout: globalThis.clearTimeout,
    immediate: globalThis.clearImmediate,
  };
  const forget = (timer: Timer) => {
    const cell = owners.get(timer) ?? "";
    const timers = running.get(cell);
    timers?.delete(timer);
    if (timers?.size === 0) running.delete(cell);
  };
  for (const name of ["setTimeout", "setInterval", "setImmediate"] as const) {
    const original = globalThis[name] as unknown as (
      ...given: unknown[]
    ) => NodeJS.Timeout & NodeJS.Immediate;
    const once = name !== "setInterval";
    const start = (callback: Callback, ...given: unknown[]): unknown => {
      const cell = currentCell()?.header.msg_id;
      if (typeof callback !== "function" || cell === undefined) return original(callback, ...given);
      const wait = name === "setImmediate" ? [] : [given.shift()];
      const timer = original(
        () => {
          if (once) forget(timer);
          callback(...given);
        },
        ...wait,
      );
      owners.set(timer, cell);
      const timers = running.get(cell) ?? new Map<Timer, Callback>();
      running.set(cell, timers.set(timer, callback));
      return timer;
    };
    const custom = (original as unknown as Record<symbol, unknown>)[promisify.custom];
    Object.defineProperty(start, promisify.custom, { value: custom });
    Object.defineProperty(globalThis, name, { value: start, writable: true, configurable: true });
  }
  for (const name of ["clearTimeout", "clearInterval", "clearImmediate"] as const) {
    const original = globalThis[name] as (timer: unknown) => void;
    const end = (timer: unknown): void => {
      if (typeof timer === "object" && timer !== null) forget(timer as Timer);
      original(timer);
    };
    Object.defineProperty(globalThis, name, { value: end, writable: true, configurable: true });
  }
  return {
    wake(cell) {
      for (const callback of running.get(cell)?.values() ?? []) if (isResolve(callback)) callback();
    },
    clear(cell) {
      for (const timer of running.get(cell)?.keys() ?? []) {
        stop.timeout(timer as NodeJS.Timeout);
        stop.immediate(timer as NodeJS.Immediate);
      }
      running.delete(cell);
    },
  };
}

/** Whether it is what a promise gives to settle itself, as in `new Promise((resolve) => setTimeout(resolve, 100))`. */
function isResolve(callback: Callback): boolean {
  const native = "function () { [native code] }";
  return callback.name === "" && Function.prototype.toString.call(callback) === native;
}
