import ts from "typescript";

/** What a name that a cell declares stands for. */
export type NameKind = "variable" | "constant" | "import" | "other";

/**
 * Names that a cell declares for later cells, with what they are; `var` inside blocks included. Syntax only, so it
 * works before anything is checked.
 */
export function declaredNames(file: ts.SourceFile): Map<string, NameKind> {
  const names = new Map<string, NameKind>();
  const add = (name: string, kind: NameKind) => {
    // A constant that is a type as well must be imported whole.
    names.set(name, names.has(name) && names.get(name) !== kind ? "other" : kind);
  };
  const bind = (name: ts.BindingName, kind: NameKind) => {
    for (const bound of boundNames(name)) add(bound, kind);
  };
  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) {
      const { declarations, flags } = statement.declarationList;
      // What `using` holds is disposed of when the cell ends.
      if (isUsing(flags)) continue;
      for (const { name } of declarations) bind(name, isConst(flags) ? "constant" : "variable");
    } else if (ts.isImportDeclaration(statement)) {
      for (const { local } of importedNames(statement)) add(local, "import");
    } else if (ts.isImportEqualsDeclaration(statement)) {
      add(statement.name.text, "import");
    } else if (isNamedDeclaration(statement)) {
      add(statement.name.text, "other");
    } else {
      forEachVar(statement, (name) => bind(name, "variable"));
    }
  }
  return names;
}

/** The names in a name or pattern of a declaration. */
export function boundNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) =>
    ts.isBindingElement(element) ? boundNames(element.name) : [],
  );
}

/** A name that an import declares; `imported` is `default`, `*` or the export's name. */
export interface ImportedName {
  readonly local: string;
  readonly imported: string;
  readonly typeOnly: boolean;
}

export function importedNames({ importClause }: ts.ImportDeclaration): ImportedName[] {
  if (!importClause) return [];
  const { name, namedBindings } = importClause;
  const typeOnly = importClause.phaseModifier === ts.SyntaxKind.TypeKeyword;
  const names: ImportedName[] = [];
  if (name) names.push({ local: name.text, imported: "default", typeOnly });
  if (namedBindings && ts.isNamespaceImport(namedBindings))
    names.push({ local: namedBindings.name.text, imported: "*", typeOnly });
  else if (namedBindings)
    for (const element of namedBindings.elements)
      names.push({
        local: element.name.text,
        imported: (element.propertyName ?? element.name).text,
        typeOnly: typeOnly || element.isTypeOnly,
      });
  return names;
}

/** Every identifier that a text mentions, in whatever place. */
export function mentionedNames(file: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) names.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

type NamedDeclaration =
  | ts.FunctionDeclaration
  | ts.ClassDeclaration
  | ts.EnumDeclaration
  | ts.InterfaceDeclaration
  | ts.TypeAliasDeclaration
  | ts.ModuleDeclaration;

function isNamedDeclaration(
  node: ts.Statement,
): node is NamedDeclaration & { readonly name: ts.Identifier } {
  return (
    (ts.isFunctionDeclaration(node) ||
      ts.isClassDeclaration(node) ||
      ts.isEnumDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node) ||
      ts.isModuleDeclaration(node)) &&
    node.name !== undefined &&
    ts.isIdentifier(node.name)
  );
}

const isConst = (flags: ts.NodeFlags) => (flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.Const;

const isUsing = (flags: ts.NodeFlags) => {
  const kind = flags & ts.NodeFlags.BlockScoped;
  return kind === ts.NodeFlags.Using || kind === ts.NodeFlags.AwaitUsing;
};

/** `var` within statements belongs to the cell as a whole. */
function forEachVar(node: ts.Node, found: (name: ts.BindingName) => void): void {
  if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isModuleDeclaration(node)) return;
  if (ts.isVariableDeclarationList(node) && !(node.flags & ts.NodeFlags.BlockScoped))
    for (const { name } of node.declarations) found(name);
  ts.forEachChild(node, (child) => forEachVar(child, found));
}
