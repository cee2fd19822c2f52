import type { Content } from "./wire/messages";

interface Entry {
  readonly line: number;
  readonly source: string;
  /** The text of its result. */
  output?: string;
}

/** The running session; no other is kept. */
const session = 0;

/** What was run in this session, and what came of it. */
export class History {
  private readonly entries: Entry[] = [];

  add(line: number, source: string): void {
    this.entries.push({ line, source });
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
      const isThis = Number(request.session ?? session) === session;
      found = isThis ? found.filter(({ line }) => line >= start && line < stop) : [];
    } else if (access === "search") {
      const matches = glob(String(request.pattern ?? "*"));
      found = found.filter(({ source }) => matches.test(source));
      if (unique) {
        const latest = new Map(found.map((item) => [item.source, item]));
        found = found.filter((item) => latest.get(item.source) === item);
      }
      if (n !== undefined) found = found.slice(-n);
    } else if (access === "tail") {
      found = n === undefined ? found : found.slice(-n);
    } else {
      found = [];
    }
    const history = found.map(({ line, source, output: text = null }) =>
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
