import ts from "typescript";
import type { Content } from "../wire/messages";
import { nameAt, unitsOf } from "./code-places";
import type { Draft, Place } from "./drafts";
import type { Session } from "./session";

/** What is said of a name or a call. */
interface Page {
  /** What it is, and the line that imports it where that is missing. */
  readonly code: readonly string[];
  readonly documentation: readonly string[];
  readonly source?: string | undefined;
}

/** Kinds of names that are their declaration; of others it is the source. */
const declared = new Set<string>([
  ts.ScriptElementKind.interfaceElement,
  ts.ScriptElementKind.typeElement,
  ts.ScriptElementKind.enumElement,
]);

/** Lines of a declaration that are shown without being asked for. */
const mostLines = 40;

/**
 * The answer to an `inspect_request`: what the name at the cursor is, else the function whose arguments are typed.
 *
 * @param cursor code points before the cursor
 * @param detail from 1 on with the source
 */
export function inspectAt(session: Session, code: string, cursor: number, detail: number): Content {
  const at = unitsOf(code, cursor);
  const draft = session.drafts.write(code);
  const page = namePage(session, draft, nameAt(code, at), detail) ?? callPage(session, draft, at);
  if (!page) return { status: "ok", found: false, data: {}, metadata: {} };
  const text = (form: (code: string) => string) =>
    [...page.code.map(form), ...page.documentation, ...(page.source ? [form(page.source)] : [])]
      .filter((part) => part !== "")
      .join("\n\n");
  return {
    status: "ok",
    found: true,
    data: {
      "text/plain": text((code) => code),
      "text/markdown": text((code) => `\`\`\`typescript\n${code}\n\`\`\``),
    },
    metadata: {},
  };
}

function namePage(
  { drafts, language }: Session,
  draft: Draft,
  name: ReturnType<typeof nameAt>,
  detail: number,
): Page | undefined {
  const place = drafts.origin(draft, name.start);
  const info = language.service.getQuickInfoAtPosition(place.file, place.position);
  // A name that means nothing is any.
  if (!info || info.kind === "") return undefined;
  const found = definition(language, place);
  const types = found && declared.has(found.kind) && detail < 1;
  const line = draft.imports.get(name.text);
  return {
    code: [types ? shortened(found.text) : described(info.displayParts), ...(line ? [line] : [])],
    documentation: [ts.displayPartsToString(info.documentation), ...tagLines(info.tags)],
    source: detail >= 1 ? found?.text : undefined,
  };
}

/** Without what says that a name is imported: an import that is missing is said apart. */
const described = (parts: ts.SymbolDisplayPart[] | undefined): string =>
  ts.displayPartsToString(parts).replace(/^\(alias\) ([\s\S]+)\n(?:import|export) .*$/, "$1");

const tagLines = (tags: readonly ts.JSDocTagInfo[] = []): string[] =>
  tags.map(({ name, text }) => `@${name} ${ts.displayPartsToString(text)}`.trimEnd());

function shortened(text: string): string {
  const lines = text.split("\n");
  const left = lines.length - mostLines;
  if (left <= 0) return text;
  return [...lines.slice(0, mostLines), `// … ${left} more lines`].join("\n");
}

/** What the name at a place is declared by. */
function definition(
  { service, text }: Session["language"],
  { file, position }: Place,
): { readonly kind: string; readonly text: string } | undefined {
  const [found] = service.getDefinitionAtPosition(file, position) ?? [];
  const whole = found && text(found.fileName);
  if (!found || whole === undefined) return undefined;
  const { start, length } = found.contextSpan ?? found.textSpan;
  return { kind: found.kind, text: whole.slice(start, start + length) };
}

function callPage({ language }: Session, draft: Draft, at: number): Page | undefined {
  const help = language.service.getSignatureHelpItems(draft.file, draft.start + at, undefined);
  const item = help?.items[help.selectedItemIndex];
  if (!help || !item) return undefined;
  const text = (parts: readonly ts.SymbolDisplayPart[]) => ts.displayPartsToString([...parts]);
  const parameters = item.parameters.map(({ displayParts }) => text(displayParts));
  const others = help.items.length - 1;
  const signature =
    text(item.prefixDisplayParts) +
    parameters.join(text(item.separatorDisplayParts)) +
    text(item.suffixDisplayParts) +
    (others > 0 ? ` (+${others} overloads)` : "");
  const here = item.parameters[Math.min(help.argumentIndex, parameters.length - 1)];
  const typed = here && [text(here.displayParts), text(here.documentation)].filter(Boolean);
  const callee = text(item.prefixDisplayParts).replace(/[<(].*$/s, "");
  const line = draft.imports.get(callee);
  return {
    code: [signature, ...(line ? [line] : [])],
    documentation: [text(item.documentation), ...(typed ? [`Here: ${typed.join(" – ")}`] : [])],
  };
}
