import ts from "typescript";
import type { Content } from "../wire/messages";
import type { Session } from "./session";

/** Most names in an answer. */
const most = 200;

/** Names of JupyterLab's symbols by TypeScript's kinds; others as they are. */
const types: Partial<Record<string, string>> = {
  const: "instance",
  let: "instance",
  var: "instance",
  "local var": "instance",
  parameter: "param",
  method: "function",
  property: "property",
  getter: "property",
  setter: "property",
  alias: "module",
  "external module name": "module",
  directory: "path",
  script: "path",
};

/** The answer to a `complete_request`; positions count code points. */
export function complete(session: Session, code: string, cursor: number): Content {
  const at = unitsOf(code, cursor);
  const { file, start } = session.draft(code);
  const { service } = session.language;
  const position = start + at;
  const answer = service.getCompletionsAtPosition(file, position, {
    includeCompletionsForModuleExports: false,
    includeCompletionsWithInsertText: false,
  });
  const span = answer?.optionalReplacementSpan ?? answer?.entries[0]?.replacementSpan;
  const from = span
    ? span.start - start
    : at - (/[\p{ID_Continue}$\u200c\u200d]*$/u.exec(code.slice(0, at))?.[0].length ?? 0);
  const typed = code.slice(from, at).toLowerCase();
  const entries = (answer?.entries ?? [])
    .filter(({ name }) => name.toLowerCase().startsWith(typed) && !name.startsWith("__cell"))
    .sort((a, b) => (a.sortText < b.sortText ? -1 : a.sortText > b.sortText ? 1 : 0))
    .slice(0, most);
  const cursor_start = pointsOf(code, from);
  const cursor_end = pointsOf(code, Math.max(at, span ? span.start + span.length - start : at));
  const described = entries.slice(0, 40).map((entry) => {
    const details = service.getCompletionEntryDetails(
      file,
      position,
      entry.name,
      undefined,
      entry.source,
      undefined,
      entry.data,
    );
    return ts.displayPartsToString(details?.displayParts ?? []);
  });
  return {
    status: "ok",
    matches: entries.map(({ name }) => name),
    cursor_start,
    cursor_end,
    metadata: {
      _jupyter_types_experimental: entries.map(({ name, kind }, index) => ({
        start: cursor_start,
        end: cursor_end,
        text: name,
        type: types[kind] ?? kind,
        signature: described[index] ?? "",
      })),
    },
  };
}

/** The answer to an `inspect_request`: what the name at the cursor is, or the function whose arguments are typed. */
export function inspectAt(session: Session, code: string, cursor: number, detail: number): Content {
  const at = unitsOf(code, cursor);
  const { file, start } = session.draft(code);
  const { service } = session.language;
  const info =
    service.getQuickInfoAtPosition(file, start + at) ??
    (at > 0 ? service.getQuickInfoAtPosition(file, start + at - 1) : undefined);
  if (!info) {
    const help = service.getSignatureHelpItems(file, start + at, undefined);
    const item = help?.items[help.selectedItemIndex];
    if (!item) return { status: "ok", found: false, data: {}, metadata: {} };
    const text = (parts: readonly ts.SymbolDisplayPart[]) => ts.displayPartsToString([...parts]);
    const signature =
      text(item.prefixDisplayParts) +
      item.parameters.map(({ displayParts }) => text(displayParts)).join(", ") +
      text(item.suffixDisplayParts);
    return found(signature, text(item.documentation), []);
  }
  const source = detail >= 1 ? definition(session, file, info.textSpan.start) : undefined;
  return found(
    ts.displayPartsToString(info.displayParts),
    ts.displayPartsToString(info.documentation),
    (info.tags ?? []).map(({ name, text }) => `@${name} ${ts.displayPartsToString(text)}`),
    source,
  );
}

function found(
  signature: string,
  documentation: string,
  tags: readonly string[],
  source?: string,
): Content {
  const rest = [documentation, ...tags].filter(Boolean);
  const fence = (text: string) => `\`\`\`typescript\n${text}\n\`\`\``;
  return {
    status: "ok",
    found: true,
    data: {
      "text/plain": [signature, ...rest, ...(source ? [source] : [])].join("\n\n"),
      "text/markdown": [fence(signature), ...rest, ...(source ? [fence(source)] : [])].join("\n\n"),
    },
    metadata: {},
  };
}

/** The text of what the name at a position is declared by. */
function definition(session: Session, file: string, position: number): string | undefined {
  const place = session.language.service.getDefinitionAtPosition(file, position)?.[0];
  const text = place && session.language.text(place.fileName);
  const span = place?.contextSpan ?? place?.textSpan;
  return text && span ? text.slice(span.start, span.start + span.length) : undefined;
}

/** UTF-16 units before a place that is given in code points, as Jupyter counts. */
export function unitsOf(text: string, points: number): number {
  let units = 0;
  for (const character of text) {
    if (points-- <= 0) break;
    units += character.length;
  }
  return units;
}

export const pointsOf = (text: string, units: number): number => [...text.slice(0, units)].length;
