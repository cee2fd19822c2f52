import type ts from "typescript";
import type { Edit } from "./edits";

/** What is used of TypeScript, which tslab brings in a version of its own. */
export type TypeScript = Pick<
  typeof ts,
  "createSourceFile" | "forEachChild" | "isShorthandPropertyAssignment" | "ScriptTarget"
>;

/**
 * Write `{ task }` as `{ task: task }`. tslab finds variables of earlier cells by replacing their names with where it
 * keeps them, and misses names that are a property's too: they would not be defined.
 */
export function shorthandEdits(code: string, typescript: TypeScript): Edit[] {
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    if (typescript.isShorthandPropertyAssignment(node)) {
      const { end, text } = node.name;
      edits.push({ begin: end, end, text: `: ${text}` });
    }
    typescript.forEachChild(node, visit);
  };
  visit(typescript.createSourceFile("cell.ts", code, typescript.ScriptTarget.Latest));
  return edits;
}
