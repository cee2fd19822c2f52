/**
 * Ends requests with the cell that sent them.
 *
 * @param ending aborted when the running cell is cut
 */
export function watchFetches(ending: () => AbortSignal | undefined): void {
  const { fetch } = globalThis;
  const start: typeof fetch = (input, init) => {
    const end = ending();
    if (!end) return fetch(input, init);
    const own = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    return fetch(input, { ...init, signal: own ? AbortSignal.any([own, end]) : end });
  };
  Object.defineProperty(globalThis, "fetch", { value: start, writable: true, configurable: true });
}
