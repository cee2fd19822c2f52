import type { Bar, Follower } from "./bar";
import { Pace } from "./pace";

/** A bar in its place. */
export interface Row {
  readonly bar: Bar<unknown>;
  /** How many bars it is within. */
  readonly depth: number;
}

/** What is to be seen. */
export interface Picture {
  readonly rows: readonly Row[];
  /** Bars that ended long ago and made room for others, the oldest first. */
  readonly earlier: readonly Row[];
  /** Nothing will change any more. */
  readonly final: boolean;
}

export interface View {
  draw(picture: Picture): void;
}

/** Bars that ended and are still drawn beside those that are open. */
const mostEnded = 20;

/** Bars that were open at the same time, and are drawn together. */
export class Group {
  private readonly rows: Row[] = [];
  private readonly earlier: Row[] = [];
  private readonly pace = new Pace((final) => {
    const { rows, earlier } = this;
    this.view.draw({ rows, earlier, final });
  });

  /** @param closed called when none of its bars is open any more */
  constructor(
    private readonly view: View,
    private readonly closed: () => void,
  ) {}

  /** Takes in a bar: below the innermost open one, in the place of one of the same label that ended there. */
  add(bar: Bar<unknown>): Follower {
    const above = this.rows.map(({ bar: other }) => other.isOpen).lastIndexOf(true);
    const depth = above < 0 ? 0 : this.rows[above]!.depth + 1;
    let end = above + 1;
    let place: number | undefined;
    for (; (this.rows[end]?.depth ?? -1) >= depth; end++) {
      const { bar: other, depth: its } = this.rows[end]!;
      if (its === depth && !other.isOpen && other.label === bar.label) place = end;
    }
    if (place === undefined) this.rows.splice(end, 0, { bar, depth });
    else this.rows[place] = { bar, depth };
    this.makeRoom();
    this.pace.ask();
    return {
      changed: () => this.pace.ask(),
      ended: () => this.ended(),
    };
  }

  /** Leaves what is open in its last state, as stopped. */
  stop(): void {
    for (const { bar } of this.rows.slice().reverse()) bar.stop();
  }

  private ended(): void {
    if (this.rows.some(({ bar }) => bar.isOpen)) {
      this.pace.ask();
    } else {
      this.pace.end();
      this.closed();
    }
  }

  private makeRoom(): void {
    const ended = this.rows.filter(({ bar }) => !bar.isOpen);
    if (ended.length <= mostEnded) return;
    this.rows.splice(this.rows.indexOf(ended[0]!), 1);
    this.earlier.push(ended[0]!);
  }
}
