import { SourceMap, type SourceMapPayload } from "node:module";
import type { SourcePosition } from "../errors/failure";
import type { CompiledCell } from "./cells";

/** Where in a cell's own text a place of its JavaScript came from. */
export class CellPositions {
  private readonly cells = new Map<string, { cell: CompiledCell; map: SourceMap | undefined }>();

  /** Name of a cell's JavaScript in stack traces. */
  fileOf(number: number): string {
    return `cell:${number}`;
  }

  add(cell: CompiledCell): void {
    this.cells.set(this.fileOf(cell.number), { cell, map: undefined });
  }

  /** @returns undefined for other files and for lines that the kernel added; lines and columns from 1 */
  map(file: string, line: number, column: number): SourcePosition | undefined {
    const held = this.cells.get(file);
    if (!held) return undefined;
    held.map ??= new SourceMap(JSON.parse(held.cell.map) as SourceMapPayload);
    const found = held.map.findEntry(line - 1, column - 1);
    if (!("originalLine" in found)) return undefined;
    const { code, text } = held.cell;
    const before = text.text.slice(0, text.start).split("\n").length - 1;
    const original = found.originalLine - before;
    if (original < 0 || original >= code.split("\n").length) return undefined;
    return { file, line: original + 1, column: found.originalColumn + 1 };
  }

  source(file: string): string | undefined {
    return this.cells.get(file)?.cell.code;
  }
}
