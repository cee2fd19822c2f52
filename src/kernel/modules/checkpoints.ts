import type ts from "typescript";

type TypeScript = typeof ts;

/** Name under which compiled code finds its {@link Checkpoint}. */
export const checkpointName = "__k";

/** What compiled code asks at every loop turn and after every await. */
export interface Checkpoint {
  /** Set while code must end. */
  stop: boolean;
  /** Throws what ends the code. Called only while `stop` is set. */
  readonly cut: () => void;
  /** Gives an awaited value on, or throws while `stop` is set. */
  pass<T>(value: T): T;
}

/** @param cut throws the error that ends interrupted code */
export function createCheckpoint(cut: () => void): Checkpoint {
  return {
    stop: false,
    cut,
    pass(value) {
      if (this.stop) cut();
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
      return withBody(compiler, factory, visited, checked);
    };
    return (file) => compiler.visitEachChild(file, visit, context);
  };
}

function withBody(
  compiler: TypeScript,
  factory: ts.NodeFactory,
  node: ts.Node,
  wrap: (body: ts.Statement) => ts.Statement,
): ts.Node {
  if (compiler.isForStatement(node)) {
    const { initializer, condition, incrementor } = node;
    return factory.updateForStatement(
      node,
      initializer,
      condition,
      incrementor,
      wrap(node.statement),
    );
  }
  if (compiler.isForOfStatement(node)) {
    const { awaitModifier, initializer, expression } = node;
    return factory.updateForOfStatement(
      node,
      awaitModifier,
      initializer,
      expression,
      wrap(node.statement),
    );
  }
  if (compiler.isForInStatement(node))
    return factory.updateForInStatement(
      node,
      node.initializer,
      node.expression,
      wrap(node.statement),
    );
  if (compiler.isWhileStatement(node))
    return factory.updateWhileStatement(node, node.expression, wrap(node.statement));
  if (compiler.isDoStatement(node))
    return factory.updateDoStatement(node, wrap(node.statement), node.expression);
  return node;
}
