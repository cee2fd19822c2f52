import type ts from "typescript";

type TypeScript = typeof ts;

/** Name under which compiled code finds its {@link Checkpoint}. */
export const checkpointName = "__k";

/** What compiled code asks at every loop turn and after every await. */
export interface Checkpoint {
  /** Set while loops have to ask. A plain member: looking it up costs next to nothing. */
  stop: boolean;
  /** Throws where the code that asks must end. */
  readonly cut: () => void;
  /** Asks too, and gives an awaited value on. */
  readonly pass: <T>(value: T) => T;
}

/** @param cut throws the error that ends interrupted code, where it must end */
export function createCheckpoint(cut: () => void): Checkpoint {
  return {
    stop: false,
    cut,
    pass(value) {
      cut();
      return value;
    },
  };
}

/**
 * Transformer that inserts a check at the start of every loop body and after every await. Inside `finally` there is
 * none, so that interrupted code can clean up in loops too.
 */
export function checkpoints(compiler: TypeScript): ts.TransformerFactory<ts.SourceFile> {
  return (context) => {
    const { factory } = context;
    const member = (name: string) =>
      factory.createPropertyAccessExpression(factory.createIdentifier(checkpointName), name);

    const check = () =>
      factory.createIfStatement(
        member("stop"),
        factory.createExpressionStatement(
          factory.createCallExpression(member("cut"), undefined, []),
        ),
      );

    const checked = (body: ts.Statement): ts.Block => {
      const statements = compiler.isBlock(body) ? body.statements : [body];
      const block = factory.createBlock([check(), ...statements], true);
      return compiler.setTextRange(block, body);
    };

    const visit = (node: ts.Node): ts.Node => {
      if (compiler.isTryStatement(node)) {
        return factory.updateTryStatement(
          node,
          compiler.visitEachChild(node.tryBlock, visit, context),
          node.catchClause && compiler.visitEachChild(node.catchClause, visit, context),
          node.finallyBlock,
        );
      }
      const visited = compiler.visitEachChild(node, visit, context);
      if (compiler.isAwaitExpression(visited)) {
        const call = factory.createCallExpression(member("pass"), undefined, [visited]);
        return compiler.setTextRange(call, visited);
      }
      if (!compiler.isIterationStatement(visited, false)) return visited;
      const { statement } = visited;
      const wrap = (child: ts.Node) => (child === statement ? checked(statement) : child);
      return compiler.visitEachChild(visited, wrap, context);
    };
    return (file) => compiler.visitEachChild(file, visit, context);
  };
}
