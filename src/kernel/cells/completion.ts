import type ts from "typescript";
import type { Content } from "../wire/messages";
import { nameAt, pointsOf, unitsOf } from "./code-places";
import { importLine } from "./importable";
import type { Session } from "./session";
import { signatureOf, typeOf } from "./symbols";

/** Most names in an answer. */
const most = 200;

const preferences: ts.GetCompletionsAtPositionOptions = {
  includeCompletionsForModuleExports: true,
  includeCompletionsWithInsertText: false,
  includeSymbol: true,
  importModuleSpecifierPreference: "relative",
  // Packages are for the project to import; cells are modules only for the compiler.
  autoImportFileExcludePatterns: ["**/node_modules/**", "**/__cell_*"],
};

/**
 * The answer to a `complete_request`, in the language service's order. Names that `src` exports are there without an
 * import, after those that need none; their signature is the line that imports them.
 *
 * @param cursor code points before the cursor
 */
export function complete(session: Session, code: string, cursor: number): Content {
  const at = unitsOf(code, cursor);
  const exported = session.importable.open();
  const { file, start, imports } = session.drafts.write(code, nameAt(code, at).text);
  const { service } = session.language;
  const answer = service.getCompletionsAtPosition(file, start + at, preferences);
  const span = answer?.optionalReplacementSpan ?? answer?.entries[0]?.replacementSpan;
  const from = span ? span.start - start : nameAt(code, at).start;
  const end = span ? Math.max(at, span.start + span.length - start) : at;
  const entries = entriesOf(answer, code.slice(from, at), exported);
  const range = { start: pointsOf(code, from), end: pointsOf(code, end) };
  const checker = service.getProgram()!.getTypeChecker();
  return {
    status: "ok",
    matches: entries.map(({ name }) => name),
    cursor_start: range.start,
    cursor_end: range.end,
    metadata: {
      _jupyter_types_experimental: entries.map(({ name, kind, symbol, data }) => {
        const specifier = exported.get(data?.fileName ?? "");
        const line = specifier ? importLine(name, specifier) : imports.get(name);
        return {
          ...range,
          text: name,
          type: typeOf(checker, symbol, kind),
          signature: line ?? signatureOf(checker, symbol),
        };
      }),
    },
  };
}

/** What begins with the typed text, each name once, of other files' only what `exported` has. */
function entriesOf(
  answer: ts.CompletionInfo | undefined,
  typed: string,
  exported: ReadonlyMap<string, string>,
): ts.CompletionEntry[] {
  const lower = typed.toLowerCase();
  const names = new Map<string, ts.CompletionEntry>();
  for (const entry of answer?.entries ?? []) {
    const { name, source, data } = entry;
    if (!name.toLowerCase().startsWith(lower) || name.startsWith("__cell")) continue;
    if (source && !(data?.exportName === name && exported.has(data.fileName ?? ""))) continue;
    if (!names.has(name)) names.set(name, entry);
    if (names.size === most) break;
  }
  return [...names.values()];
}
