import ts from "typescript";
import { dynamicImports } from "../modules/dynamic-imports";
import { load, loadOf } from "./cell-imports";
import type { CellText } from "./cell-text";
import { names } from "./given-names";
import { references } from "./references";

/** A cell as JavaScript: the body of an async function that returns `{ value }` or nothing. */
export interface CellCode {
  readonly javascript: string;
  /** From the JavaScript to the cell's text with its prefix. */
  readonly map: string;
  /** Names that have a value at run time. */
  readonly values: readonly string[];
}

/**
 * Emits a checked cell. Names of earlier cells become properties of those cells' scopes, imports become awaited loads
 * whose exports are read where they are used, and the last expression is returned.
 *
 * @param more further transformers of the cell's statements
 */
export function emitCell(
  program: ts.Program,
  file: string,
  cell: CellText,
  more: ts.TransformerFactory<ts.SourceFile>[] = [],
): CellCode {
  const source = program.getSourceFile(file)!;
  const checker = program.getTypeChecker();
  const values: string[] = [];
  let [javascript, map] = ["", ""];
  program.emit(
    source,
    (name, text) => {
      if (name.endsWith(".map")) map = text;
      else javascript = text;
    },
    undefined,
    false,
    { before: [rewrite(checker, cell, values), dynamicImports(ts, names.load), ...more] },
  );
  return { javascript: javascript.replace(/^export \{\s*\};?\s*$/gm, ""), map, values };
}

function rewrite(
  checker: ts.TypeChecker,
  cell: CellText,
  values: string[],
): ts.TransformerFactory<ts.SourceFile> {
  return (context) => (source) => {
    const { factory } = context;
    /** Where the values of this cell's imports are. */
    const imported = new Map<string, ts.Expression>();
    const loads: ts.Statement[] = [];
    const body: ts.Statement[] = [];
    const end = cell.start + cell.length;
    for (const statement of source.statements) {
      const start = statement.getStart(source);
      if (start < cell.start || start >= end) continue;
      if (ts.isImportDeclaration(statement)) {
        loads.push(...loadOf(factory, statement, imported, loads.length));
      } else if (ts.isExportDeclaration(statement)) {
        if (statement.moduleSpecifier)
          loads.push(load(factory, statement.moduleSpecifier, loads.length));
      } else {
        body.push(statement);
      }
    }
    values.push(...valuesOf(checker, source, cell, imported));
    const visit = references(context, { factory, checker, source, cell, imported });
    const rewritten = body.map((statement, at) => {
      const visited = ts.visitNode(withoutExport(factory, statement), visit) as ts.Statement;
      return at === body.length - 1 ? returned(factory, visited, statement) : visited;
    });
    const own = ownNames(factory, cell, values, imported);
    return factory.updateSourceFile(source, [...own, ...loads, ...rewritten]);
  };
}

/** Names of a cell that have a value at run time. */
function valuesOf(
  checker: ts.TypeChecker,
  source: ts.SourceFile,
  { declares }: CellText,
  imported: ReadonlyMap<string, ts.Expression>,
): string[] {
  const symbols = checker.getSymbolAtLocation(source)?.exports;
  return [...declares].flatMap(([name, kind]) => {
    if (kind === "import") return imported.has(name) ? [name] : [];
    const symbol = symbols?.get(ts.escapeLeadingUnderscores(name));
    return symbol && hasValue(checker, symbol) ? [name] : [];
  });
}

/** `__own({ x: { get: () => x, set: (v) => x = v } })`: read where they are now, even before they have a value. */
function ownNames(
  factory: ts.NodeFactory,
  cell: CellText,
  values: readonly string[],
  imported: ReadonlyMap<string, ts.Expression>,
): ts.Statement[] {
  const arrow = (parameters: string[], body: ts.Expression) =>
    factory.createArrowFunction(
      undefined,
      undefined,
      parameters.map((name) => factory.createParameterDeclaration(undefined, undefined, name)),
      undefined,
      undefined,
      body,
    );
  const accessors = values.map((name) => {
    const value = imported.get(name) ?? factory.createIdentifier(name);
    const set = factory.createAssignment(
      factory.createIdentifier(name),
      factory.createIdentifier("__value"),
    );
    return factory.createPropertyAssignment(
      factory.createStringLiteral(name),
      factory.createObjectLiteralExpression([
        factory.createPropertyAssignment("get", arrow([], value)),
        ...(cell.declares.get(name) === "variable"
          ? [factory.createPropertyAssignment("set", arrow(["__value"], set))]
          : []),
      ]),
    );
  });
  const call = factory.createCallExpression(factory.createIdentifier(names.own), undefined, [
    factory.createObjectLiteralExpression(accessors),
  ]);
  return [factory.createExpressionStatement(call)];
}

/**
 * The cell's last statement, where it is an expression and no assignment, hands its value over: in an object that has
 * no `then`, whatever a cell gave to all objects.
 */
function returned(
  factory: ts.NodeFactory,
  statement: ts.Statement,
  original: ts.Node,
): ts.Statement {
  if (!ts.isExpressionStatement(statement) || isAssignment(statement.expression)) return statement;
  const value = factory.createAwaitExpression(statement.expression);
  return ts.setTextRange(
    factory.createReturnStatement(
      factory.createObjectLiteralExpression([
        factory.createPropertyAssignment("__proto__", factory.createNull()),
        factory.createPropertyAssignment("value", value),
      ]),
    ),
    original,
  );
}

const isAssignment = (node: ts.Expression) =>
  ts.isBinaryExpression(node) &&
  node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
  node.operatorToken.kind <= ts.SyntaxKind.LastAssignment;

function withoutExport(factory: ts.NodeFactory, statement: ts.Statement): ts.Statement {
  if (ts.isExportAssignment(statement))
    return ts.setTextRange(factory.createExpressionStatement(statement.expression), statement);
  if (!ts.canHaveModifiers(statement)) return statement;
  const kept = statement.modifiers?.filter(
    ({ kind }) => kind !== ts.SyntaxKind.ExportKeyword && kind !== ts.SyntaxKind.DefaultKeyword,
  );
  if (!kept || kept.length === statement.modifiers?.length) return statement;
  return ts.isClassDeclaration(statement)
    ? factory.replaceDecoratorsAndModifiers(statement, kept)
    : factory.replaceModifiers(statement, kept.filter(ts.isModifier));
}

function hasValue(checker: ts.TypeChecker, symbol: ts.Symbol): boolean {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return (
    (target.flags & ts.SymbolFlags.Value & ~ts.SymbolFlags.ConstEnum) !== 0 &&
    !(target.flags & ts.SymbolFlags.NamespaceModule && !(target.flags & ts.SymbolFlags.ValueModule))
  );
}
