/** A learning curve: what is drawn of it. */
export interface Curve {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface Point {
  readonly step: number;
  readonly value: number;
  /** Points it is the mean of. */
  readonly count: number;
}

/** More than can be seen; above, each two neighbours become one. */
const mostPoints = 400;

/** The learning curves of one bar, of a bounded number of points. */
export class Curves {
  private readonly lines = new Map<string, Line>();
  /** Grows with every point. */
  version = 0;

  /** NaN and infinite values have no place in a picture, and are left out. */
  add(name: string, step: number, value: number): void {
    if (!Number.isFinite(value)) return;
    this.version += 1;
    const line = this.lines.get(name) ?? new Line();
    this.lines.set(name, line);
    line.add({ step, value, count: 1 });
  }

  get all(): Curve[] {
    return [...this.lines].map(([name, { points }]) => ({ name, points }));
  }
}

class Line {
  points: Point[] = [];
  /** How many given points become one that is drawn. */
  private each = 1;

  add(point: Point): void {
    const last = this.points.at(-1);
    if (last && last.count < this.each) this.points[this.points.length - 1] = mean(last, point);
    else this.points.push(point);
    if (this.points.length <= mostPoints) return;
    this.each *= 2;
    const { points } = this;
    this.points = [];
    for (const one of points) this.add(one);
  }
}

function mean(a: Point, b: Point): Point {
  const count = a.count + b.count;
  const of = (key: "step" | "value") => (a[key] * a.count + b[key] * b.count) / count;
  return { step: of("step"), value: of("value"), count };
}
