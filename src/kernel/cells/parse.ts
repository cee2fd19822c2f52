import ts from "typescript";

/** A cell as syntax alone. */
export const parseCell = (code: string): ts.SourceFile =>
  ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
