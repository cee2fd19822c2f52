import { currentCell } from "./context";
import type { Link } from "./wire/link";

const decoder = new TextDecoder();

/**
 * Sends what code prints to the cell that started it: everything that goes through `process.stdout` and
 * `process.stderr`, `console` included. Until the first cell it goes to the terminal.
 */
export function captureOutput(link: Pick<Link, "stream">): void {
  for (const name of ["stdout", "stderr"] as const) {
    const stream = process[name];
    const terminal = stream.write.bind(stream) as (chunk: string | Uint8Array) => boolean;
    const write = (
      chunk: string | Uint8Array,
      encoding?: BufferEncoding | ((error?: Error) => void),
      done?: (error?: Error) => void,
    ): boolean => {
      const cell = currentCell();
      if (cell)
        link.stream(name, typeof chunk === "string" ? chunk : decoder.decode(chunk), cell.header);
      else terminal(chunk);
      const callback = typeof encoding === "function" ? encoding : done;
      if (callback) process.nextTick(callback);
      return true;
    };
    stream.write = write as typeof stream.write;
  }
}
