import { randomUUID } from "node:crypto";
import { type Host, host } from "./host";

/** Shortest time between two updates of one line, in milliseconds: ten a second. */
const interval = 100;

/** A line of text that is overwritten in place. */
interface StatusLine {
  /** Shows `text` now or within the interval, and nothing older after it. */
  update(text: string): void;
  /** Shows `text` at once. */
  end(text: string): void;
}

/**
 * Status lines below the running cell, one a label, for a sink of progress; undefined outside the kernel.
 *
 * @returns shows `text` in place of the label's last text, at most ten times a second. The last text stays, and after
 * `ended` or in another cell the label gets a new line. Plain text, since a terminal that runs a notebook shows it too.
 */
export function statusLines(): ((label: string, text: string, ended: boolean) => void) | undefined {
  const kernel = host();
  if (kernel === undefined) return undefined;
  const lines = new Map<string, StatusLine>();
  let cell = 0;
  return (label, text, ended) => {
    if (cell !== kernel.cell()) lines.clear();
    cell = kernel.cell();
    const line = lines.get(label) ?? statusLine(kernel);
    if (ended) {
      line.end(text);
      lines.delete(label);
    } else {
      line.update(text);
      lines.set(label, line);
    }
  };
}

function statusLine(kernel: Host): StatusLine {
  const id = randomUUID();
  let update = false;
  let shownAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let latest = "";
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    shownAt = Date.now();
    kernel.display({ "text/plain": latest }, { id, update });
    update = true;
  };
  return {
    update: (text) => {
      latest = text;
      const wait = shownAt + interval - Date.now();
      if (wait <= 0) flush();
      else timer ??= setTimeout(flush, wait);
    },
    end: (text) => {
      latest = text;
      flush();
    },
  };
}
