import type { Content } from "./wire/messages";

type Entry = readonly [session: number, line: number, source: string];

/** What was run in this session, and what came of it. */
export class History {
  private readonly entries: { entry: Entry; output: string | null }[] = [];

  add(line: number, source: string): void {
    this.entries.push({ entry: [0, line, source], output: null });
  }

  /** The text of the last entry's result. */
  result(output: string): void {
    const last = this.entries.at(-1);
    if (last) last.output = output;
  }

  /** The answer to a `history_request`. */
  answer(request: Content): Content {
    const { hist_access_type: access, output = false, unique = false } = request;
    const n = typeof request.n === "number" ? request.n : undefined;
    let found = [...this.entries];
    if (access === "range") {
      const start = Number(request.start ?? 0);
      const stop = request.stop == null ? Number.POSITIVE_INFINITY : Number(request.stop);
      // The running session is 0; no other is kept.
      const session = Number(request.session ?? 0);
      found =
        session === 0 ? found.filter(({ entry: [, line] }) => line >= start && line < stop) : [];
    } else if (access === "search") {
      const matches = glob(String(request.pattern ?? "*"));
      found = found.filter(({ entry: [, , source] }) => matches.test(source));
      if (unique) {
        const latest = new Map(found.map((item) => [item.entry[2], item]));
        found = found.filter((item) => latest.get(item.entry[2]) === item);
      }
      if (n !== undefined) found = found.slice(-n);
    } else if (access === "tail") {
      found = n === undefined ? found : found.slice(-n);
    } else {
      found = [];
    }
    const history = found.map(({ entry: [session, line, source], output: text }) =>
      output ? [session, line, [source, text]] : [session, line, source],
    );
    return { status: "ok", history };
  }
}

/** `*` stands for any text, `?` for any character. */
function glob(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, "[^]*")
    .replace(/\?/g, "[^]");
  return new RegExp(`^${source}$`);
}
