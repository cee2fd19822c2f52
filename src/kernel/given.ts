import { attach } from "./api/host";
import type { Interrupts } from "./interrupts";
import { notebook } from "./progress/notebook";
import { progressIn } from "./progress/progress";
import { richDisplay } from "./values/rich";
import type { Link } from "./wire/link";
import type { Message } from "./wire/messages";

/** Puts what every cell may use into the global scope; globals.ts has the types. */
export function installGlobals(options: {
  readonly link: Link;
  readonly interrupts: Interrupts;
  /** Shows an error below the running cell. */
  readonly showError: (error: unknown) => void;
  /** The request of the running cell. */
  readonly request: () => Message | undefined;
}): void {
  const { link, interrupts, showError, request } = options;
  const input = async (prompt = "", { password = false } = {}): Promise<string> => {
    const asking = request();
    if (asking?.content.allow_stdin !== true)
      throw new Error("input() cannot ask: this frontend does not take input.");
    return link.input(asking, String(prompt), password, interrupts.askedSignal);
  };
  const interrupt = {
    get signal() {
      return interrupts.signal;
    },
  };
  const rich = richDisplay(link, showError);
  const progress = progressIn(notebook(link));
  attach({
    display: rich.given,
    progress,
    signal: () => interrupts.signal,
  });
  const given = { ...rich.globals, progress, input, interrupt, _: undefined };
  for (const [name, value] of Object.entries(given))
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
}
