import { StringDecoder } from "node:string_decoder";
import { type CellContext, currentCell } from "./context";
import type { Link } from "./wire/link";

type Chunk = string | NodeJS.ArrayBufferView;
type Done = (error?: Error | null) => void;

/**
 * Sends what code prints to the cell that started it: everything that goes through `process.stdout` and
 * `process.stderr`, `console` included. Until the first cell it goes to the terminal, as does always what native code
 * and child processes write.
 */
export function captureOutput(link: Pick<Link, "stream">): void {
  for (const name of ["stdout", "stderr"] as const) {
    const stream = process[name];
    const terminal = stream.write.bind(stream) as (chunk: Chunk) => boolean;
    const textOf = decoder();
    const write = (chunk: Chunk, encoding?: BufferEncoding | Done, done?: Done): boolean => {
      const cell = currentCell();
      const named = typeof encoding === "string" ? encoding : "utf8";
      if (cell) link.stream(name, textOf(cell, bytesOf(chunk, named, name)), cell.header);
      else terminal(chunk);
      const callback = typeof encoding === "function" ? encoding : done;
      if (callback) process.nextTick(callback, null);
      // Never full: a cell that prints too much is slowed in `link.stream`.
      return true;
    };
    // The terminal is the kernel's, whoever ends the stream.
    const end = (chunk?: Chunk | Done, encoding?: BufferEncoding | Done, done?: Done) => {
      const callback = [chunk, encoding, done].find((given) => typeof given === "function");
      if (chunk !== undefined && chunk !== null && typeof chunk !== "function")
        write(chunk, typeof encoding === "string" ? encoding : undefined);
      if (callback) process.nextTick(callback as Done, null);
      return stream;
    };
    Object.assign(stream, { write, end });
    // What is printed goes to a notebook, even where the kernel was started from a terminal.
    for (const [key, value] of Object.entries({ isTTY: false, columns: undefined }))
      Object.defineProperty(stream, key, { value, writable: true, configurable: true });
  }
}

/** @returns text as it is, or bytes */
function bytesOf(chunk: Chunk, encoding: BufferEncoding, name: string): string | Buffer {
  if (typeof chunk === "string")
    return encoding === "utf8" || encoding === "utf-8" ? chunk : Buffer.from(chunk, encoding);
  if (ArrayBuffer.isView(chunk))
    return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw new TypeError(`process.${name}.write takes text or bytes, not ${typeof chunk}.`);
}

/** Decodes bytes as UTF-8; a letter may come in parts. */
function decoder(): (cell: CellContext, chunk: string | Buffer) => string {
  const begun = new WeakMap<CellContext, StringDecoder>();
  return (cell, chunk) => {
    const known = begun.get(cell);
    if (typeof chunk === "string") return known ? known.end() + chunk : chunk;
    const own = known ?? new StringDecoder("utf8");
    begun.set(cell, own);
    return own.write(chunk);
  };
}
