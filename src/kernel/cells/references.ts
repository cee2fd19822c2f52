import ts from "typescript";
import type { CellText } from "./cell-text";
import { names } from "./given-names";

/** A cell whose references are rewritten. */
interface Scene {
  readonly factory: ts.NodeFactory;
  readonly checker: ts.TypeChecker;
  readonly source: ts.SourceFile;
  readonly cell: CellText;
  /** Where the values of its imports are, by name. */
  readonly imported: ReadonlyMap<string, ts.Expression>;
}

/** Visitor that replaces names of earlier cells and of imports by where their values are. */
export function references(
  context: ts.TransformationContext,
  scene: Scene,
): (node: ts.Node) => ts.Node {
  const { factory } = scene;
  const visit = (node: ts.Node): ts.Node => {
    if (ts.isExpressionWithTypeArguments(node))
      return factory.updateExpressionWithTypeArguments(
        node,
        ts.visitNode(node.expression, visit) as ts.Expression,
        undefined,
      );
    if (ts.isTypeNode(node)) return node;
    if (ts.isShorthandPropertyAssignment(node)) {
      const value = replacement(node.name, scene);
      const initializer = ts.visitNode(node.objectAssignmentInitializer, visit);
      if (value)
        return factory.createPropertyAssignment(
          node.name.text,
          initializer ? factory.createAssignment(value, initializer as ts.Expression) : value,
        );
    }
    if (ts.isCallExpression(node)) {
      const callee = ts.isIdentifier(node.expression) && replacement(node.expression, scene);
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
      const tag = replacement(node.tag, scene);
      if (tag)
        return factory.updateTaggedTemplateExpression(
          node,
          withoutThis(factory, tag, node.tag),
          undefined,
          ts.visitNode(node.template, visit) as ts.TemplateLiteral,
        );
    }
    if (ts.isIdentifier(node) && isUse(node)) {
      const value = replacement(node, scene);
      return value ? ts.setTextRange(value, node) : node;
    }
    return ts.visitEachChild(node, visit, context);
  };
  return visit;
}

/** What stands for a name that is not the cell's own variable. */
function replacement(
  id: ts.Identifier,
  { factory, checker, source, cell, imported }: Scene,
): ts.Expression | undefined {
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
  const earlier = outer.getStart(source) < cell.start ? cell.uses.get(id.text) : undefined;
  if (!earlier) return undefined;
  return factory.createPropertyAccessExpression(
    factory.createIdentifier(names.cell(earlier.cell)),
    id.text,
  );
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
