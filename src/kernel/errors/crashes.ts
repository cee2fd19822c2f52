import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";

/** What is written down while a cell runs: the kernel that Jupyter starts after a crash gets the same connection file. */
interface Note {
  /** The cell's number, and its first line. */
  readonly count: number;
  readonly line: string;
}

const noteFile = (connectionFile: string): string => `${connectionFile}.running`;
const reportFile = (connectionFile: string): string => `${connectionFile}.report`;

const unknownCause =
  "It was ended by a fault in native code, or from outside: the system does that where memory runs out.";

/** Tells the next kernel in which cell this one died. */
export class CrashNotes {
  readonly #file: string;

  /** @param connectionFile beside which the notes lie */
  constructor(connectionFile: string) {
    this.#file = noteFile(connectionFile);
  }

  begin(count: number, code: string): void {
    const line = code.split("\n").find((each) => each.trim() !== "") ?? "";
    this.#try(() =>
      writeFileSync(this.#file, JSON.stringify({ count, line } satisfies Note), { mode: 0o600 }),
    );
  }

  end(): void {
    this.#try(() => rmSync(this.#file, { force: true }));
  }

  /** A folder that cannot be written to costs the note, not the cell. */
  #try(write: () => void): void {
    try {
      write();
    } catch {}
  }
}

/** To be called where a kernel is shut down, in whatever cell it is. */
export function forgetCell(connectionFile: string): void {
  new CrashNotes(connectionFile).end();
}

/** Lets Node write down why it ends the process by itself, for {@link takeCrash}. */
export function recordFatalErrors(connectionFile: string): void {
  const { report } = process;
  // The report would name the environment's values, which may be secret.
  if (!report || !("excludeEnv" in report)) return;
  Object.assign(report, {
    excludeEnv: true,
    compact: true,
    reportOnFatalError: true,
    directory: dirname(connectionFile),
    filename: basename(reportFile(connectionFile)),
  });
}

/** What the kernel that had this connection file before died of, and in which cell; once, undefined where it did not. */
export function takeCrash(connectionFile: string): string | undefined {
  const note = take(noteFile(connectionFile)) as Note | undefined;
  const report = take(reportFile(connectionFile)) as { header?: { event?: string } } | undefined;
  if (!note) return undefined;
  const cause = report?.header?.event;
  return (
    `The kernel died in cell [${note.count}], which begins: ${note.line}\n` +
    `${cause ? `Node ended it: ${cause}.` : unknownCause} It was started again; all cells' values are gone.`
  );
}

function take(file: string): unknown {
  try {
    const content = JSON.parse(readFileSync(file, "utf8"));
    rmSync(file);
    return content;
  } catch {
    return undefined;
  }
}
