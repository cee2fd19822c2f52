import type ts from "typescript";

/** Transformer that makes `import(x)` a call of the function `name`. */
export function dynamicImports(
  compiler: typeof ts,
  name: string,
): ts.TransformerFactory<ts.SourceFile> {
  return (context) => {
    const { factory } = context;
    const visit = (node: ts.Node): ts.Node => {
      const visited = compiler.visitEachChild(node, visit, context);
      if (!compiler.isCallExpression(visited)) return visited;
      if (visited.expression.kind !== compiler.SyntaxKind.ImportKeyword) return visited;
      const load = factory.createIdentifier(name);
      return factory.updateCallExpression(visited, load, undefined, visited.arguments);
    };
    return (source) => compiler.visitEachChild(source, visit, context);
  };
}
