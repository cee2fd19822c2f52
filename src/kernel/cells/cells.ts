import { join } from "node:path";
import ts from "typescript";
import { type CellCode, emitCell } from "./cell-code";
import { type CellText, cellText, type EarlierName } from "./cell-text";
import type { Importable } from "./importable";
import type { Language } from "./language";

/** A mistake that the compiler found; nothing of the cell has run. */
export interface Problem {
  /** Offset in the cell's own text, in UTF-16 units. */
  readonly start: number;
  readonly length: number;
  /** TypeScript's number, as in TS2322. */
  readonly code: number;
  readonly message: string;
}

/** Complaints of an array that begins empty in one cell and is filled in another: its type is not known there. */
const growing = new Set([7005, 7034]);

/** Complaints of a name that is not there: as a value, with a like one, as a namespace, as a short property. */
const unknown = new Set([2304, 2552, 2503, 18004]);

/** The compiler's verdict on a cell. */
export class TypeScriptError extends Error {
  override name = "TypeScriptError";
  constructor(
    readonly problems: readonly Problem[],
    readonly code: string,
  ) {
    super(problems.map(({ message, code }) => `${message} (TS${code})`).join("\n"));
  }
}

export interface CompiledCell extends CellCode {
  readonly number: number;
  readonly file: string;
  /** The cell's own text. */
  readonly code: string;
  readonly text: CellText;
}

/** Of what cells are made of, a little each. */
const warmingCell = `const list: number[] = [1, 2].map((x) => x + 1);
for (const x of list) console.log(await Promise.resolve({ x }));`;

/** The cells of a session, as the compiler knows them. */
export class CellCompiler {
  private readonly names = new Map<string, EarlierName>();

  constructor(
    private readonly language: Language,
    private readonly importable: Importable,
    private readonly folder: string,
    private readonly transformers: ts.TransformerFactory<ts.SourceFile>[] = [],
  ) {}

  /** What later cells may use. */
  get earlier(): ReadonlyMap<string, EarlierName> {
    return this.names;
  }

  /** @throws TypeScriptError */
  compile(code: string, number: number): CompiledCell {
    const { service } = this.language;
    const file = join(this.folder, `__cell_${number}__.ts`);
    const text = cellText(code, this.names);
    this.language.refresh();
    this.language.put(file, text.text);
    try {
      this.check(file, code, text);
    } catch (error) {
      this.language.drop(file);
      throw error;
    }
    const program = service.getProgram()!;
    return { ...emitCell(program, file, text, this.transformers), number, file, code, text };
  }

  /**
   * What the first cell needs and any cell shares, a part a step: types of the language and of Node read, a cell
   * checked, a cell emitted. It may be left after any step.
   */
  *warm(): Generator<undefined, void> {
    const file = join(this.folder, "__cell_0__.ts");
    const text = cellText(warmingCell, this.names);
    yield;
    this.language.put(file, text.text);
    try {
      const program = this.language.service.getProgram()!;
      yield;
      this.check(file, warmingCell, text);
      yield;
      emitCell(program, file, text, this.transformers);
    } finally {
      this.language.drop(file);
    }
  }

  /** @throws TypeScriptError where the compiler finds mistakes in a file */
  check(file: string, code: string, { start: before, length: most } = whole(code)): void {
    const { service } = this.language;
    const problems = [
      ...service.getSyntacticDiagnostics(file),
      ...service.getSemanticDiagnostics(file),
    ].filter(
      ({ category, code }) => category === ts.DiagnosticCategory.Error && !growing.has(code),
    );
    if (problems.length === 0) return;
    throw new TypeScriptError(
      problems.map(({ start = 0, length = 0, code, messageText }) => ({
        start: Math.min(Math.max(0, start - before), most),
        length,
        code,
        message:
          ts.flattenDiagnosticMessageText(messageText, "\n") +
          (unknown.has(code) ? this.advice(file, start, length) : ""),
      })),
      code,
    );
  }

  /** How to get a name that the compiler did not find, where `src` has it. */
  private advice(file: string, start: number, length: number): string {
    const name = this.language.text(file)!.slice(start, start + length);
    const line = this.importable.lines([name]).get(name);
    return line === undefined ? "" : ` Import it: ${line}`;
  }

  /**
   * Lets later cells see what a cell declared. A cell whose names have all been declared anew is forgotten.
   *
   * @param missing names that never got their value, since the cell failed before
   */
  keep(cell: CompiledCell, missing: ReadonlySet<string> = new Set()): void {
    for (const [name, kind] of cell.text.declares)
      if (!missing.has(name)) this.names.set(name, { file: cell.file, cell: cell.number, kind });
    // A cell that others read from is found through them.
    const alive = new Set([...this.names.values()].map(({ file }) => file));
    this.language.roots(alive);
  }
}

const whole = (code: string): Pick<CellText, "start" | "length"> => ({
  start: 0,
  length: code.length,
});
