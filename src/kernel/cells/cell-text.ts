import ts from "typescript";
import { boundNames, declaredNames, mentionedNames, type NameKind } from "./cell-names";
import { parseCell } from "./parse";

/** A name that an earlier cell declared. */
export interface EarlierName {
  /** File of the cell. */
  readonly file: string;
  /** Number of the cell. */
  readonly cell: number;
  readonly kind: NameKind;
}

/** A cell as the type checker reads it: what it uses of earlier cells, its own text, and its names as exports. */
export interface CellText {
  readonly text: string;
  /** Characters before the cell's own text. */
  readonly start: number;
  /** Characters of the cell's own text. */
  readonly length: number;
  readonly declares: ReadonlyMap<string, NameKind>;
  readonly uses: ReadonlyMap<string, EarlierName>;
}

/**
 * An earlier constant, function, class or type is imported from its cell. A variable is declared here with the type it
 * has there: imported names cannot be assigned.
 *
 * @param wanted names that are put before the cell; all of them where one of them may be completed
 */
export function cellText(
  code: string,
  earlier: ReadonlyMap<string, EarlierName>,
  wanted: "mentioned" | "all" = "mentioned",
): CellText {
  const file = parseCell(code);
  const declares = declaredNames(file);
  const uses = new Map<string, EarlierName>();
  for (const name of wanted === "all" ? earlier.keys() : mentionedNames(file)) {
    const found = earlier.get(name);
    if (found && !declares.has(name)) uses.set(name, found);
  }
  const prefix = [...uses].map(([name, { file, kind }]) => {
    const from = JSON.stringify(`./${file.replace(/\.ts$/, "").split("/").at(-1)}`);
    if (kind !== "variable" && kind !== "constant") return `import { ${name} } from ${from};`;
    const keyword = kind === "variable" ? "let" : "const";
    return `declare ${keyword} ${name}: (typeof import(${from}))[${JSON.stringify(name)}];`;
  });
  const head = `${prefix.join(" ")}\n`;
  const own = ownExports(file);
  const exported = [...declares.keys()].filter((name) => !own.has(name));
  const suffix = `\nexport { ${exported.join(", ")} };\n`;
  return {
    text: head + code + suffix,
    start: head.length,
    length: code.length,
    declares,
    uses,
  };
}

/** Names that the cell exports by itself; doing it twice is an error. */
function ownExports(file: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  for (const statement of file.statements) {
    if (ts.isExportDeclaration(statement)) {
      if (statement.exportClause && ts.isNamedExports(statement.exportClause))
        for (const { name, propertyName } of statement.exportClause.elements)
          if (!propertyName) names.add(name.text);
    } else if (
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    ) {
      if (ts.isVariableStatement(statement))
        for (const { name } of statement.declarationList.declarations)
          for (const bound of boundNames(name)) names.add(bound);
      else if ("name" in statement && statement.name)
        names.add((statement.name as ts.Identifier).text);
    }
  }
  return names;
}
