import type { SourcePosition } from "../errors/failure";
import { originals } from "../modules/source-maps";
import type { CompiledCell } from "./cells";

interface Entry {
  readonly code: string;
  readonly original: ReturnType<typeof originals>;
}

/** Where in a cell's own text a place of its JavaScript came from. */
export class CellPositions {
  private readonly cells = new Map<string, Entry>();

  /** @param name of the cell's JavaScript in stack traces */
  add(name: string, { code, map }: CompiledCell): void {
    this.cells.set(name, { code, original: originals(() => map) });
  }

  /** @returns undefined for other files and for lines that the kernel added; lines and columns from 1 */
  map(file: string, line: number, column: number): SourcePosition | undefined {
    const held = this.cells.get(file);
    const found = held?.original(line, column);
    if (!held || !found) return undefined;
    // The line before the cell's own text says what it uses of earlier cells.
    const own = found.line - 1;
    if (own < 1 || own > held.code.split("\n").length) return undefined;
    return { file, line: own, column: found.column };
  }

  source(file: string): string | undefined {
    return this.cells.get(file)?.code;
  }
}
