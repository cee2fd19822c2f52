import type { Picture } from "../../../src/kernel/progress/group";
import { progressIn } from "../../../src/kernel/progress/progress";

/** A place for bars that keeps what was drawn. */
export function keepingPlace() {
  const drawn: Picture[] = [];
  const stops: (() => void)[] = [];
  const draw = ({ rows, ...picture }: Picture) => void drawn.push({ rows: [...rows], ...picture });
  const progress = progressIn({
    key: () => "",
    open: (stop) => {
      stops.push(stop);
      return { view: { draw }, close: () => {} };
    },
  });
  return { progress, drawn, stops, last: () => drawn.at(-1)! };
}
