import type ts from "typescript";
import { checkpoints } from "./checkpoints";
import { dynamicImports } from "./dynamic-imports";
import { typescript } from "./typescript";

/** Name under which compiled files find the loader's `import()`. */
export const importName = "__import";

/** A file that is not TypeScript. Lines and columns count from 1. */
export class CompileError extends SyntaxError {
  constructor(
    message: string,
    readonly file: string,
    readonly line: number,
    readonly column: number,
    /** TypeScript's number of the error. */
    readonly code: number,
  ) {
    super(message);
    this.name = "SyntaxError";
  }
}

/** What the compiler makes of a file. */
export interface Transpiled {
  readonly code: string;
  /** Whether the file has `import` or `export`. */
  readonly esm: boolean;
  /** What it requires as it loads. */
  readonly imports: readonly string[];
  /** Source map as JSON. */
  readonly map: string;
}

/** Makes CommonJS of a file, with checks for interrupts. @throws CompileError */
export function transpile(file: string, text: string, options: ts.CompilerOptions): Transpiled {
  const compiler = typescript();
  let esm = false;
  const imports = new Set<string>();
  const { outputText, sourceMapText, diagnostics } = compiler.transpileModule(text, {
    // The compiler would leave `import` in .mts and .mjs.
    fileName: file.replace(/\.[cm]([jt]s)$/, ".$1"),
    reportDiagnostics: true,
    compilerOptions: emitOptions(compiler, file, options),
    transformers: {
      before: [
        () => (source) => {
          esm = compiler.isExternalModule(source);
          refuseTopLevelAwait(compiler, source);
          return source;
        },
        dynamicImports(compiler, importName),
        checkpoints(compiler),
      ],
      after: [
        () => (source) => {
          collectRequires(compiler, source, imports);
          return source;
        },
      ],
    },
  });
  const found = diagnostics?.find(({ category }) => category === compiler.DiagnosticCategory.Error);
  if (found) {
    const message = compiler.flattenDiagnosticMessageText(found.messageText, "\n");
    throw errorAt(message, found.file, file, found.start ?? 0, found.code);
  }
  const code = outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n");
  return { code, esm, imports: [...imports], map: sourceMapText ?? "" };
}

/** The project's options with all that decides how code runs here. */
function emitOptions(
  compiler: typeof ts,
  file: string,
  options: ts.CompilerOptions,
): ts.CompilerOptions {
  const { ES2022 } = compiler.ScriptTarget;
  const script = /\.[cm]?jsx?$/.test(file);
  const jsx = options.jsx === undefined || options.jsx === compiler.JsxEmit.Preserve;
  return {
    jsxFactory: options.jsxFactory,
    jsxFragmentFactory: options.jsxFragmentFactory,
    jsxImportSource: options.jsxImportSource,
    jsx: jsx ? compiler.JsxEmit.React : options.jsx,
    experimentalDecorators: options.experimentalDecorators,
    emitDecoratorMetadata: options.emitDecoratorMetadata,
    useDefineForClassFields: options.useDefineForClassFields,
    verbatimModuleSyntax: script ? undefined : options.verbatimModuleSyntax,
    // The oldest Node knows ES2022 and nothing of `using`.
    target: Math.min(options.target ?? ES2022, ES2022),
    module: compiler.ModuleKind.CommonJS,
    esModuleInterop: true,
    isolatedModules: true,
    allowJs: true,
    // Plain scripts say themselves whether they are strict.
    alwaysStrict: !script,
    ignoreDeprecations: "6.0",
    sourceMap: true,
    // So that an edit of comments leaves the code the same, and the file is not run again.
    removeComments: true,
  };
}

function refuseTopLevelAwait(compiler: typeof ts, source: ts.SourceFile): void {
  const visit = (node: ts.Node): void => {
    if (compiler.isFunctionLike(node) || compiler.isClassLike(node)) return;
    if (compiler.isAwaitExpression(node) || (compiler.isForOfStatement(node) && node.awaitModifier))
      throw errorAt(
        "A file that can be reloaded has no await outside functions: move it into an async function.",
        source,
        source.fileName,
        node.getStart(source),
        1378,
      );
    compiler.forEachChild(node, visit);
  };
  compiler.forEachChild(source, visit);
}

function collectRequires(compiler: typeof ts, source: ts.SourceFile, into: Set<string>): void {
  const visit = (node: ts.Node): void => {
    if (compiler.isFunctionLike(node) || compiler.isClassLike(node)) return;
    if (compiler.isCallExpression(node) && compiler.isIdentifier(node.expression)) {
      const [first] = node.arguments;
      if (node.expression.text === "require" && first && compiler.isStringLiteralLike(first))
        into.add(first.text);
    }
    compiler.forEachChild(node, visit);
  };
  compiler.forEachChild(source, visit);
}

function errorAt(
  message: string,
  source: ts.SourceFile | undefined,
  file: string,
  start: number,
  code: number,
): CompileError {
  const { line, character } = source?.getLineAndCharacterOfPosition(start) ?? {
    line: 0,
    character: 0,
  };
  return new CompileError(message, file, line + 1, character + 1, code);
}
