import { runInNewContext } from "node:vm";
import ts from "typescript";
import { NotebookError } from "./errors";

type Kind = "string" | "number" | "boolean" | "null" | "array" | "object";

const examples: Record<Kind, string> = {
  string: "mrpc",
  number: "3",
  boolean: "true",
  null: "null",
  array: '["mrpc","cola"]',
  object: '{"epochs":3}',
};

/** A parameter that a notebook's parameters cell declares. */
export interface Parameter {
  readonly name: string;
  /** Its type as far as the cell says it, in TypeScript; empty where it does not. */
  readonly type: string;
  /** What the cell sets it to, in TypeScript. */
  readonly value: string;
  /** What the cell may say about its type, by kinds of JSON values; undefined where only the kernel can tell. */
  readonly kinds: readonly Kind[] | undefined;
  /** The declaration with `value`, written as TypeScript, in place of the default. */
  declare(value: string): string;
}

const notFinite = ["NaN", "Infinity", "-Infinity"];

/**
 * `seeds=3` as a name and a value: the value is JSON, or a number that JSON lacks, where it reads as such, else the
 * text itself.
 */
export function parseParameter(text: string): [name: string, value: unknown] {
  const match = /^([\p{ID_Start}$_][\p{ID_Continue}$]*)=(.*)$/su.exec(text);
  if (match === null) {
    throw new NotebookError(`"${text}" sets no parameter.`, "Write name=value, as in -p seeds=3.");
  }
  const [, name, value] = match as unknown as [string, string, string];
  try {
    return [name, JSON.parse(value)];
  } catch {
    return [name, notFinite.includes(value) ? Number(value) : value];
  }
}

/** What Python writes as JSON: it has NaN and Infinity too, and so is JavaScript. */
export function readPythonJson(text: string): unknown {
  return runInNewContext(`(${text})`);
}

/**
 * The cell that sets parameters to other values than the parameters cell does: the same declarations, types included,
 * with the values in place of the defaults.
 *
 * @param cell source of the cell tagged `parameters`, if there is one
 * @param values by name: those of JSON, NaN and infinite numbers
 * @throws NotebookError for a name the cell does not declare or a value of another type
 */
export function injectedCell(
  cell: string | undefined,
  values: Readonly<Record<string, unknown>>,
): string {
  if (cell === undefined) {
    throw new NotebookError(
      "The notebook has no cell of parameters.",
      'Tag the cell that declares them "parameters".',
    );
  }
  const declared = declaredParameters(cell);
  const lines = Object.entries(values).map(([name, value]) => {
    const parameter = declared.find((other) => other.name === name);
    if (parameter === undefined) {
      const known = declared.map((other) => other.name).join(", ") || "none";
      throw new NotebookError(
        `The notebook has no parameter "${name}".`,
        `Its parameters are: ${known}.`,
      );
    }
    const kind = kindOf(value);
    if (parameter.kinds !== undefined && !parameter.kinds.includes(kind)) {
      const kinds = parameter.kinds.join(" or ");
      throw new NotebookError(
        `The parameter ${name} takes ${kinds}, not ${kind}: ${literal(value)}.`,
        parameter.kinds.includes("string")
          ? `As text: -p ${name}='"${value}"', or -r ${name} '${value}' for papermill.`
          : `Values are JSON: ${parameter.kinds.map((some) => examples[some]).join(", ")}.`,
      );
    }
    return parameter.declare(literal(value));
  });
  return ["// Set when the notebook was run.", ...lines].join("\n");
}

/** The variables that the cell declares at its top level with a default. */
export function declaredParameters(cell: string): Parameter[] {
  const source = ts.createSourceFile("cell.ts", cell, ts.ScriptTarget.Latest, true);
  return source.statements.filter(ts.isVariableStatement).flatMap(({ declarationList }) => {
    const keyword = declarationList.flags & ts.NodeFlags.Const ? "const" : "let";
    return declarationList.declarations.flatMap((declaration): Parameter[] => {
      const { name, type, initializer } = declaration;
      if (!ts.isIdentifier(name) || initializer === undefined) return [];
      const { value, asserted } = unwrap(initializer);
      const annotation = type ?? asserted;
      const kinds = annotation === undefined ? kindsOfValue(value) : kindsOfType(annotation);
      return [
        {
          name: name.text,
          type: annotation?.getText() ?? kinds?.join(" | ") ?? "",
          value: value.getText(),
          kinds,
          declare: (text) =>
            `${keyword} ${cell.slice(declaration.getStart(), value.getStart())}${text}${cell.slice(value.end, declaration.end)};`,
        },
      ];
    });
  });
}

/** The value inside `value as Type`, `value satisfies Type` and parentheses. */
function unwrap(expression: ts.Expression): { value: ts.Expression; asserted?: ts.TypeNode } {
  if (ts.isParenthesizedExpression(expression)) return unwrap(expression.expression);
  if (ts.isAsExpression(expression) || ts.isSatisfiesExpression(expression)) {
    const inner = unwrap(expression.expression);
    return ts.isConstTypeReference(expression.type)
      ? inner
      : { value: inner.value, asserted: expression.type };
  }
  return { value: expression };
}

/** A value as TypeScript. */
function literal(value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(",")}]`;
  const entries = Object.entries(value).map(
    ([key, some]) => `${JSON.stringify(key)}:${literal(some)}`,
  );
  return `{${entries.join(",")}}`;
}

function kindOf(value: unknown): Kind {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value as Kind;
}

/** Kinds that may replace a default without a written type; undefined where its syntax does not tell. */
function kindsOfValue(value: ts.Expression): Kind[] | undefined {
  if (ts.isStringLiteralLike(value) || ts.isTemplateExpression(value)) return ["string"];
  if (ts.isNumericLiteral(value)) return ["number"];
  if (ts.isPrefixUnaryExpression(value)) return kindsOfValue(value.operand);
  if (ts.isArrayLiteralExpression(value)) return ["array"];
  if (ts.isObjectLiteralExpression(value)) return ["object"];
  if (value.kind === ts.SyntaxKind.TrueKeyword || value.kind === ts.SyntaxKind.FalseKeyword)
    return ["boolean"];
  return undefined;
}

/** Kinds of a written type; undefined where it names another type: the kernel's type check knows that one. */
function kindsOfType(type: ts.TypeNode): Kind[] | undefined {
  switch (type.kind) {
    case ts.SyntaxKind.StringKeyword:
      return ["string"];
    case ts.SyntaxKind.NumberKeyword:
      return ["number"];
    case ts.SyntaxKind.BooleanKeyword:
      return ["boolean"];
    case ts.SyntaxKind.ArrayType:
    case ts.SyntaxKind.TupleType:
      return ["array"];
    case ts.SyntaxKind.TypeLiteral:
      return ["object"];
  }
  if (ts.isParenthesizedTypeNode(type)) return kindsOfType(type.type);
  if (ts.isTypeOperatorNode(type)) return kindsOfType(type.type);
  if (ts.isLiteralTypeNode(type)) {
    return type.literal.kind === ts.SyntaxKind.NullKeyword
      ? ["null"]
      : kindsOfValue(type.literal as ts.Expression);
  }
  if (ts.isUnionTypeNode(type)) {
    const kinds = type.types.map(kindsOfType);
    return kinds.every((some) => some !== undefined) ? [...new Set(kinds.flat())] : undefined;
  }
  return undefined;
}
