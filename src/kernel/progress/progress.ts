import { Bar, type Follower, type Items } from "./bar";
import { Group, type View } from "./group";
import { Pace } from "./pace";
import type { MakeProgress, ProgressOptions, ProgressReport } from "./report";

/** Where bars are shown. */
export interface Place {
  /** Bars of the same key that are open at the same time are drawn together. */
  key(): string;
  /**
   * Begins a drawing of such bars.
   *
   * @param stop leaves them in their last state; to be called when what they count has failed
   * @returns `close` is called when none of them is open any more
   */
  open(stop: () => void): { readonly view: View; close(): void };
}

/** `progress` for a place. */
export function progressIn(place: Place): MakeProgress {
  const groups = new Map<string, Group>();
  const groupNow = (): Group => {
    const key = place.key();
    const known = groups.get(key);
    if (known) return known;
    const { view, close } = place.open(() => group.stop());
    const group = new Group(view, () => {
      groups.delete(key);
      close();
    });
    groups.set(key, group);
    return group;
  };
  const make = <T>(items: Items<T>, options: ProgressOptions = {}) =>
    new Bar(items, options, (bar) =>
      options.report ? listener(bar, options.report) : groupNow().add(bar),
    );
  return make as MakeProgress;
}

function listener(bar: Bar<unknown>, report: (report: ProgressReport) => void): Follower {
  const pace = new Pace(() => report(bar.report()));
  return { changed: () => pace.ask(), ended: () => pace.end() };
}
