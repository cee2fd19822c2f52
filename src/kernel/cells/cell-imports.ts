import ts from "typescript";
import { importedNames } from "./cell-names";
import { names } from "./given-names";

/** `const __load0 = await __load("specifier")`, and where each imported name is read from. */
export function loadOf(
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

export function load(
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
