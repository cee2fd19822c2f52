import { writeSync } from "node:fs";

const mostLines = 20;
const windowMs = 1000;
let since = 0;
let lines = 0;

/**
 * A line on the terminal's stderr, also while the main thread stands (a worker's `process.stderr`
 * goes through it). At most 20 a second: bad messages must not fill a log or block on a full pipe.
 */
export function tellTerminal(text: string): void {
  const now = performance.now();
  if (now - since > windowMs) {
    if (lines > mostLines) print(`${lines - mostLines} further lines were left out.`);
    since = now;
    lines = 0;
  }
  lines += 1;
  if (lines <= mostLines) print(text);
}

function print(text: string): void {
  // What a client wrote must not move the cursor or start a line.
  const clean = text.slice(0, 2000).replace(/\p{Cc}+/gu, " ");
  try {
    writeSync(2, `[peftlab kernel] ${clean}\n`);
  } catch {
    // No terminal, or a full pipe: there is nowhere else to say it.
  }
}
