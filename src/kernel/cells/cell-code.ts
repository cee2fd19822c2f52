import ts from "typescript";
import { dynamicImports } from "../modules/dynamic-imports";
import { importedNames } from "./cell-names";
import type { CellText } from "./cell-text";

/** What the JavaScript of a cell is given by the kernel. */
export const names = {
  /** Accessors of the cell's own names are handed over here. */
  own: "__own",
  /** Loads what the cell imports. */
  load: "__load",
  /** Scope of an earlier cell: `__cell3`. */
  cell: (number: number) => `__cell${number}`,
} as const;

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
    const end = cell.start + cell.length;
    const isPrefix = (node: ts.Node) => node.getStart(source) < cell.start;
    /** Where the values of this cell's imports are. */
    const imported = new Map<string, ts.Expression>();

    /** What stands for a name that is not the cell's own variable. */
    const replacement = (id: ts.Identifier): ts.Expression | undefined => {
      if (!cell.uses.has(id.text) && !imported.has(id.text)) return undefined;
      const shorthand = ts.isShorthandPropertyAssignment(id.parent) && id.parent.name === id;
      const symbol = shorthand
        ? checker.getShorthandAssignmentValueSymbol(id.parent)
        : checker.getSymbolAtLocation(id);
      const declaration = symbol?.declarations?.[0];
      if (!declaration || declaration.getSourceFile() !== source) return undefined;
      const outer = ts.findAncestor(declaration, ts.isStatement);
      if (!outer || outer.parent !== source) return undefined;
      if (imported.has(id.text) && ts.isImportDeclaration(outer)) return imported.get(id.text);
      const earlier = isPrefix(outer) ? cell.uses.get(id.text) : undefined;
      if (!earlier) return undefined;
      return factory.createPropertyAccessExpression(
        factory.createIdentifier(names.cell(earlier.cell)),
        id.text,
      );
    };

    const visit = (node: ts.Node): ts.Node | undefined => {
      if (ts.isExpressionWithTypeArguments(node))
        return factory.updateExpressionWithTypeArguments(
          node,
          ts.visitNode(node.expression, visit) as ts.Expression,
          undefined,
        );
      if (ts.isTypeNode(node)) return node;
      if (ts.isShorthandPropertyAssignment(node)) {
        const value = replacement(node.name);
        const initializer = ts.visitNode(node.objectAssignmentInitializer, visit);
        if (value)
          return factory.createPropertyAssignment(
            node.name.text,
            initializer ? factory.createAssignment(value, initializer as ts.Expression) : value,
          );
      }
      if (ts.isCallExpression(node)) {
        const callee = ts.isIdentifier(node.expression) && replacement(node.expression);
        if (callee)
          // Called as a function, not as a method of the scope.
          return factory.updateCallExpression(
            node,
            withoutThis(factory, callee, node.expression),
            node.typeArguments,
            node.arguments.map((argument) => ts.visitNode(argument, visit) as ts.Expression),
          );
      }
      if (ts.isTaggedTemplateExpression(node) && ts.isIdentifier(node.tag)) {
        const tag = replacement(node.tag);
        if (tag)
          return factory.updateTaggedTemplateExpression(
            node,
            withoutThis(factory, tag, node.tag),
            undefined,
            ts.visitNode(node.template, visit) as ts.TemplateLiteral,
          );
      }
      if (ts.isIdentifier(node) && isUse(node)) {
        const value = replacement(node);
        return value ? ts.setTextRange(value, node) : node;
      }
      return ts.visitEachChild(node, visit, context);
    };

    const loads: ts.Statement[] = [];
    const body: ts.Statement[] = [];
    for (const statement of source.statements) {
      if (isPrefix(statement) || statement.getStart(source) >= end) continue;
      if (ts.isImportDeclaration(statement)) {
        loads.push(...loadOf(factory, statement, imported, loads.length));
      } else if (ts.isExportDeclaration(statement)) {
        if (statement.moduleSpecifier)
          loads.push(load(factory, statement.moduleSpecifier, loads.length));
      } else {
        body.push(statement);
      }
    }
    const symbols = checker.getSymbolAtLocation(source)?.exports;
    for (const [name, kind] of cell.declares) {
      if (kind === "import") {
        if (imported.has(name)) values.push(name);
        continue;
      }
      const symbol = symbols?.get(ts.escapeLeadingUnderscores(name));
      if (symbol && hasValue(checker, symbol)) values.push(name);
    }
    const rewritten = body.map((statement, at) => {
      const plain = withoutExport(factory, statement);
      const visited = ts.visitNode(plain, visit) as ts.Statement;
      return at === body.length - 1 ? returned(factory, visited, statement) : visited;
    });
    const own = ownNames(factory, cell, values, imported);
    return factory.updateSourceFile(source, [...own, ...loads, ...rewritten]);
  };
}

/** Whether an identifier stands for a value, and is not the name of a property, label or declaration. */
function isUse(id: ts.Identifier): boolean {
  const { parent } = id;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === id;
  if (ts.isQualifiedName(parent) || ts.isMetaProperty(parent)) return false;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === id;
  if (ts.isBindingElement(parent)) return parent.initializer === id;
  if (ts.isJsxAttribute(parent)) return false;
  if (ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent)) return false;
  if (ts.isExportSpecifier(parent) || ts.isImportSpecifier(parent)) return false;
  // What is left that has a name declares it.
  return !("name" in parent && parent.name === id);
}

const withoutThis = (factory: ts.NodeFactory, value: ts.Expression, range: ts.Node) =>
  ts.setTextRange(
    factory.createParenthesizedExpression(
      factory.createComma(factory.createNumericLiteral(0), value),
    ),
    range,
  );

/** `const __load0 = await __load("specifier")`, and where each imported name is read from. */
function loadOf(
  factory: ts.NodeFactory,
  statement: ts.ImportDeclaration,
  imported: Map<string, ts.Expression>,
  index: number,
): ts.Statement[] {
  const all = importedNames(statement);
  const used = all.filter(({ typeOnly }) => !typeOnly);
  if (all.length > 0 && used.length === 0) return [];
  const variable = `${names.load}${index}`;
  for (const { local, imported: name } of used) {
    const module = factory.createIdentifier(variable);
    imported.set(
      local,
      name === "*"
        ? module
        : factory.createElementAccessExpression(module, factory.createStringLiteral(name)),
    );
  }
  return [load(factory, statement.moduleSpecifier, index, statement)];
}

function load(
  factory: ts.NodeFactory,
  specifier: ts.Expression,
  index: number,
  range?: ts.Node,
): ts.Statement {
  const value = factory.createAwaitExpression(
    factory.createCallExpression(factory.createIdentifier(names.load), undefined, [specifier]),
  );
  const statement = factory.createVariableStatement(
    undefined,
    factory.createVariableDeclarationList(
      [factory.createVariableDeclaration(`${names.load}${index}`, undefined, undefined, value)],
      ts.NodeFlags.Const,
    ),
  );
  return range ? ts.setTextRange(statement, range) : statement;
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

/** The cell's last statement, where it is an expression and no assignment, hands its value over. */
function returned(
  factory: ts.NodeFactory,
  statement: ts.Statement,
  original: ts.Node,
): ts.Statement {
  if (!ts.isExpressionStatement(statement) || isAssignment(statement.expression)) return statement;
  const value = factory.createAwaitExpression(statement.expression);
  return ts.setTextRange(
    factory.createReturnStatement(
      factory.createObjectLiteralExpression([factory.createPropertyAssignment("value", value)]),
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
