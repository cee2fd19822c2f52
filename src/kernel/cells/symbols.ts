import ts from "typescript";

/** What completion calls the kinds that TypeScript gives where there is no symbol; others go by their own names. */
const kinds: Partial<Record<string, string>> = {
  directory: "path",
  script: "path",
  "external module name": "module",
  string: "value",
};

/** What Jupyter calls a symbol's kind; frontends have pictures for these words. */
export function typeOf(
  checker: ts.TypeChecker,
  symbol: ts.Symbol | undefined,
  kind: string,
): string {
  if (!symbol) return kinds[kind] ?? kind;
  if (kind === "parameter") return "param";
  const { flags } = aliased(checker, symbol);
  const is = (flag: ts.SymbolFlags) => (flags & flag) !== 0;
  if (is(ts.SymbolFlags.Class)) return "class";
  if (is(ts.SymbolFlags.Function | ts.SymbolFlags.Method)) return "function";
  if (is(ts.SymbolFlags.Property | ts.SymbolFlags.Accessor)) return "property";
  if (is(ts.SymbolFlags.Variable)) return variableType(checker, symbol);
  if (is(ts.SymbolFlags.Enum)) return "enum";
  if (is(ts.SymbolFlags.Module)) return "module";
  if (is(ts.SymbolFlags.Interface)) return "interface";
  if (is(ts.SymbolFlags.TypeAlias | ts.SymbolFlags.TypeParameter)) return "type";
  return kinds[kind] ?? kind;
}

/** Parameters and result of a function, or the type of another value; empty for what has neither. */
export function signatureOf(checker: ts.TypeChecker, symbol: ts.Symbol | undefined): string {
  if (!symbol) return "";
  const target = aliased(checker, symbol);
  if (!(target.flags & ts.SymbolFlags.Value)) {
    const type = checker.getDeclaredTypeOfSymbol(target);
    return checker.typeToString(type, undefined, ts.TypeFormatFlags.InTypeAlias);
  }
  const type = checker.getTypeOfSymbol(target);
  const calls = type.getCallSignatures();
  const signatures = calls.length > 0 ? calls : type.getConstructSignatures();
  const [first] = signatures;
  if (!first) return checker.typeToString(type);
  const kind = calls.length > 0 ? ts.SignatureKind.Call : ts.SignatureKind.Construct;
  const others = signatures.length > 1 ? ` (+${signatures.length - 1} overloads)` : "";
  return `${checker.signatureToString(first, undefined, undefined, kind)}${others}`;
}

/** Classes of the language itself are variables. */
function variableType(checker: ts.TypeChecker, symbol: ts.Symbol): string {
  const type = checker.getTypeOfSymbol(aliased(checker, symbol));
  if (type.getConstructSignatures().length > 0) return "class";
  return type.getCallSignatures().length > 0 ? "function" : "instance";
}

const aliased = (checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
