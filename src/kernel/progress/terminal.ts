import type { Picture, Row, View } from "./group";
import type { Place } from "./progress";
import { logLine, textLines } from "./text";

/** What is needed of `process.stderr`. */
export type Output = Pick<NodeJS.WriteStream, "write"> &
  Partial<Pick<NodeJS.WriteStream, "isTTY" | "columns" | "rows">>;

/** Bars on stderr: lines that change on a terminal, elsewhere a new line now and then. */
export const terminal: Place = {
  key: () => "",
  open(stop) {
    // What has not ended when the process does will not.
    process.once("exit", stop);
    const view = process.stderr.isTTY ? new Lines(process.stderr) : new Log(process.stderr);
    return {
      view,
      close: () => void process.off("exit", stop),
    };
  },
};

/** Lines that are overwritten in place. */
export class Lines implements View {
  /** Lines on the screen that are ours, the cursor below the last. */
  private drawn = 0;
  /** Bars above, which are no longer overwritten. */
  private left = 0;
  /** Others wrote, and ended in the middle of a line. */
  private amid = false;
  private readonly restore: (() => void)[] = [];
  private readonly write: (text: string) => boolean;

  /** @param others streams that show on the same screen; what is written to them appears above the lines */
  constructor(
    private readonly output: Output,
    others: readonly Output[] = [process.stdout, process.stderr],
  ) {
    this.write = output.write.bind(output) as (text: string) => boolean;
    for (const other of others) if (other.isTTY) this.restore.push(this.makeWay(other));
  }

  draw({ rows, earlier, final }: Picture): void {
    // A terminal may not know its size, and say 0.
    const width = this.output.columns || 80;
    const height = this.output.rows || 24;
    const above = textLines(earlier.slice(this.left), width - 1);
    this.left = earlier.length;
    const lines = textLines(rows, width - 1);
    const shown = final
      ? lines
      : lines.slice(0, 1).concat(lines.slice(1).slice(-Math.max(1, height - 2)));
    const text = [...above, ...shown].map((line) => `${line.slice(0, width - 1)}\n`).join("");
    this.write(`${this.amid ? "\n" : ""}${this.erased()}${text}`);
    this.amid = false;
    this.drawn = shown.length;
    if (final) for (const restore of this.restore) restore();
  }

  private erased(): string {
    return this.drawn === 0 ? "" : `\r\u001b[${this.drawn}A\u001b[J`;
  }

  /** Takes the lines away before anything else is written; the next drawing comes below it. */
  private makeWay(other: Output): () => void {
    const original = other.write;
    const write = (...given: Parameters<Output["write"]>): boolean => {
      if (this.drawn > 0) this.write(this.erased());
      this.drawn = 0;
      const [text] = given;
      this.amid = text.length > 0 && text.at(-1) !== "\n" && text.at(-1) !== 10;
      return original.apply(other, given);
    };
    other.write = write as Output["write"];
    return () => {
      if (other.write === write) other.write = original;
    };
  }
}

/** Milliseconds between two lines of something long. */
const silence = 30_000;

/** Lines for a log: each bar's last, and of what is long one now and then. */
export class Log implements View {
  private readonly said = new WeakSet<Row["bar"]>();
  private readonly labels = new Set<string>();
  private saidAt = performance.now();

  constructor(private readonly output: Output) {}

  draw({ rows, earlier, final }: Picture): void {
    const isDue = performance.now() - this.saidAt >= silence;
    for (const { bar, depth } of [...earlier, ...rows]) {
      if (this.said.has(bar)) continue;
      // Bars within a bar that come again and again would fill the log.
      const isOften = depth > 0 && this.labels.has(bar.label) && !final;
      if (bar.isOpen ? isDue : isDue || !isOften) this.say(bar);
    }
  }

  private say(bar: Row["bar"]): void {
    if (!bar.isOpen) {
      this.said.add(bar);
      this.labels.add(bar.label);
    }
    this.saidAt = performance.now();
    this.output.write(`${logLine(bar.report())}\n`);
  }
}
