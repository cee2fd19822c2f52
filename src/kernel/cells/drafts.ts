import { join } from "node:path";
import ts from "typescript";
import { mentionedNames } from "./cell-names";
import { cellText, type EarlierName } from "./cell-text";
import type { Importable } from "./importable";
import type { Language } from "./language";
import { parseCell } from "./parse";

/** A text that is being written, as the compiler reads it. */
export interface Draft {
  readonly file: string;
  /** Characters before the text. */
  readonly start: number;
  /** What the text uses of `src` without importing it: import lines by name. It is read as if they were there. */
  readonly imports: ReadonlyMap<string, string>;
}

/** A place in a file that the compiler knows. */
export interface Place {
  readonly file: string;
  readonly position: number;
}

/** Texts that are completed or inspected before they run. */
export class Drafts {
  constructor(
    private readonly language: Language,
    private readonly folder: string,
    private readonly earlier: ReadonlyMap<string, EarlierName>,
    private readonly importable: Importable,
  ) {}

  /** @param writing the name that is being written, which is not taken for one of `src` */
  write(code: string, writing = ""): Draft {
    const file = join(this.folder, "__cell_draft__.ts");
    const text = cellText(code, this.earlier, "all");
    this.language.refresh();
    const names = [...mentionedNames(parseCell(code))].filter(
      (name) => name !== writing && !this.earlier.has(name) && !text.declares.has(name),
    );
    const imports = this.importable.lines(names);
    const before = [...imports.values()].join(" ");
    this.language.put(file, before + text.text);
    return { file, start: before.length + text.start, imports };
  }

  /** Where what a place of a draft means is declared: for names of earlier cells that is in those cells. */
  origin({ file, start }: Draft, at: number): Place {
    const here = { file, position: start + at };
    const { service } = this.language;
    const [found] = service.getDefinitionAtPosition(file, here.position) ?? [];
    if (found?.fileName !== file || found.textSpan.start >= start) return here;
    const earlier = this.earlier.get(found.name);
    return (earlier && this.declaration(earlier.file, found.name)) ?? here;
  }

  private declaration(file: string, name: string): Place | undefined {
    const program = this.language.service.getProgram()!;
    const checker = program.getTypeChecker();
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    const exported = module && checker.tryGetMemberInModuleExports(name, module);
    if (!exported) return undefined;
    const symbol =
      exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const declaration = symbol.declarations?.[0];
    const at = declaration && (ts.getNameOfDeclaration(declaration) ?? declaration);
    return at && { file: at.getSourceFile().fileName, position: at.getStart() };
  }
}
